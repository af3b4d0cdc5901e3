export * from './published/eie.ts';
