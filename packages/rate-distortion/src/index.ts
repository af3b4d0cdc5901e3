export { type AllocateOptions, type Allocation, allocate, type Budget, type Tensor } from './allocate.ts';
export { type Curvature, type CurvatureOptions, correctedBias, layerCurvature } from './curvature.ts';
export {
  type FeedbackLevels,
  type FeedbackOptions,
  type FeedbackPlan,
  type FeedbackQuantizeOptions,
  feedbackPlan,
} from './error-feedback.ts';
export { type LevelOptions, type Levels, levelsToShared, toLevels } from './quantize.ts';
export { TRELLIS_NEXT } from './trellis-path.ts';
