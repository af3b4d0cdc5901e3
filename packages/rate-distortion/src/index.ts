export { type AllocateOptions, type Allocation, allocate, type Budget, type Tensor } from './allocate.ts';
export { type LevelOptions, type Levels, levelsToShared, toLevels } from './quantize.ts';
export { TRELLIS_NEXT } from './trellis.ts';
