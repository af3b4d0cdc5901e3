import { defineConfig, type Options } from 'tsup';

/** Every package is built alike: one entry a door, ESM and CommonJS, types beside each. */
export const packageConfig = (doors: readonly string[] = ['index']): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: Object.fromEntries(doors.map((door) => [door, `src/${door}.ts`])),
    format: ['esm', 'cjs'],
    // Declarations are made against the built siblings (turbo builds those first), so that no source of theirs is copied in.
    dts: { compilerOptions: { customConditions: [], isolatedDeclarations: false } },
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    treeshake: true,
  } satisfies Options);
