import { defineConfig, type Options } from 'tsup';

/** Where a package differs from the others. */
export interface PackageOptions {
  /** Default both: ESM and CommonJS. A package that has no `require` door in its manifest says `['esm']`. */
  readonly format?: readonly ('esm' | 'cjs')[];
}

/** Every package is built alike: one entry a door, in each format, types beside each. */
export const packageConfig = (
  doors: readonly string[] = ['index'],
  { format = ['esm', 'cjs'] }: PackageOptions = {},
): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry: Object.fromEntries(doors.map((door) => [door, `src/${door}.ts`])),
    format: [...format],
    // Declarations are made against the built siblings (turbo builds those first), so that no source of theirs is copied in.
    dts: { compilerOptions: { customConditions: [], isolatedDeclarations: false } },
    target: 'es2022',
    platform: 'neutral',
    clean: true,
    treeshake: true,
  } satisfies Options);
