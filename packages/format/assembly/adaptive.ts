// The walks of `adaptive@1` over all places of a matrix. The twins in src say what is done and why; the files here say only
// what differs from them.

export { bits, code, codeBit, failure, finish, lowRest, lowTop, next, range, startDecoding, startEncoding, waiting, written } from './coder';
export { allocate, release } from './memory';
export { walkLevels } from './walk-levels';
export { walkSymbols } from './walk-symbols';
