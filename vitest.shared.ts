import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Tests run on the sources, which every package exports under the condition `@pare/source`. */
export const packageTests = (name: string): ViteUserConfig =>
  defineConfig({
    resolve: { conditions: ['@pare/source'] },
    ssr: { resolve: { conditions: ['@pare/source'], externalConditions: ['@pare/source'] } },
    test: { name, include: ['src/**/*.test.ts', 'test/**/*.test.ts'], testTimeout: 60_000 },
  });
