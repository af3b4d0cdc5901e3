export * from './sparse-training/index.ts';
