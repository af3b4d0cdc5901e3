// How threads agree: a mailbox in shared memory, for each thread beside the caller's one.
//
//   byte 0           i32: what is going on, one of the states below
//   byte 64 …        f64: calls of kernels, each as [1 + number of arguments, number of the kernel, arguments …]; 0 after the last
//
//   STARTING ──thread──▶ IDLE ──caller──▶ POSTED ──thread──▶ BEGUN ──thread──▶ IDLE
//                         ▲                  │                  └────thread──▶ FAILED
//                         └─────caller───────┘ who was quicker: it does the part itself
//
// At any time the caller may say ENDED, after which the thread does nothing more.

/** The thread is not there yet. Memory is zeros at first. */
export const STARTING = 0;
/** Nothing to do. */
export const IDLE = 1;
/** There are calls to be made. */
export const POSTED = 2;
/** They are being made. */
export const BEGUN = 3;
/** One of them threw an error. */
export const FAILED = 4;
export const ENDED = 5;

/** Bytes from the start of a mailbox to its calls: a line of the cache for the state alone. */
export const CALLS_AT = 64;
/** Numbers that calls may take, the closing 0 included: 128 kB, some 700 calls. */
export const MOST_NUMBERS = 16384;
/** Looks at the state before a thread goes to sleep: some 50 µs, as long as it takes to be woken up. */
export const LOOKS = 10_000;
