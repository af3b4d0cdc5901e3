export * from './published/eie.ts';
export * from './published/eyeriss.ts';
