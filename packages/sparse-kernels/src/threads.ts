export { startThreads, type ThreadedKernels, type ThreadsOptions, threadsSupported } from './threads/start-threads.ts';
export { ThreadError, type ThreadErrorCode } from './threads/thread-error.ts';
