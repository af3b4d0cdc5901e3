/** Threads do not inherit the loader of TypeScript that `--import tsx` gave the main one. */
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
