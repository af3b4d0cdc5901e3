export * from './published/eie.ts';
export * from './published/eyeriss.ts';
export * from './published/ladder.ts';
