export { defineConfig, type PareConfig } from './config.ts';
export { main } from './program.ts';
