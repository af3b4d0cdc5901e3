// Memory by hand. What the host writes lies at fixed places; what one walk needs is allocated, and given back after it.
//
// STRETCH i32[4096]  SQUASH u16[4096]  RATE i32[256]  TRUST i32[256]  LEARNING i32[641]  NEXT u8[16]     written by the host
// OUT u8[65536]      what the encoder has written and not yet flushed
// HEAP               the decoder's bytes, then what one walk needs

export const STRETCH: usize = 0;
export const SQUASH: usize = 16384;
export const RATE: usize = 24576;
export const TRUST: usize = 25600;
export const LEARNING: usize = 26624;
export const NEXT: usize = 29696;
export const OUT: usize = 65536;
export const OUT_SIZE: u32 = 65536;
const HEAP: usize = 131072;

let top: usize = HEAP;

/** Where the free memory begins, for `release`. */
export function mark(): usize {
  return top;
}

/** Memory of `size` bytes, not cleared; what was taken after it is given back by `release`. */
export function allocate(size: usize): usize {
  const pointer = top;
  top = (top + size + 15) & ~15;
  const pages = <i32>((top + 65535) >>> 16);
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) unreachable();
  return pointer;
}

export function release(pointer: usize): void {
  top = pointer;
}

/** Like `allocate`, and filled with zeros. */
export function cleared(size: usize): usize {
  const pointer = allocate(size);
  memory.fill(pointer, 0, size);
  return pointer;
}


@inline
export function int(array: usize, index: i32): i32 {
  return load<i32>(array + (index << 2));
}

@inline
export function setInt(array: usize, index: i32, value: i32): void {
  store<i32>(array + (index << 2), value);
}
