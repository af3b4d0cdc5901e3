/**
 * Where the window is: 64 KiB at the beginning of a memory of our own, for a vector that is read or written here and there. An
 * address that is known when the kernel is compiled need not be added to each offset. As in src/kernels.ts.
 */
@inline export const WINDOW: usize = 64;
