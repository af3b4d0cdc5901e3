export {
  createKernels,
  type KernelExports,
  type Kernels,
  type KernelsOptions,
  kernelsSupported,
  type Mark,
} from './kernels.ts';
