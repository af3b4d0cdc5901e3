export { defineConfig, loadPlugins, type PareConfig } from './config.ts';
export { main } from './program.ts';
