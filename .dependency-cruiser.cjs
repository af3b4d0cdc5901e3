/**
 * The floors of the house (README, "packages"): a package imports from lower floors only, never sideways, never up.
 * To add a package, write its name on its floor below.
 */
const floors = [
  ['core'],
  ['pruning', 'quantization', 'huffman', 'rans', 'sparse-kernels', 'hardware', 'architectures', 'images'],
  ['format', 'rate-distortion'],
  ['runtime', 'interop', 'compress', 'plugin-[^/]+'],
  ['tfjs'],
  ['cli', 'vite-plugin'],
];
/** Beside the floors: `testkit` helps tests, `create-pare-plugin` writes packages from templates. */
const beside = ['testkit', 'create-pare-plugin'];

const inPackages = (names) => `^packages/(${names.join('|')})/`;
const TESTS = String.raw`\.test\.ts$|\.bench\.ts$|^packages/[^/]+/(test|bench|scripts)/`;
const CONFIGURATION = String.raw`^packages/[^/]+/(tsup|vitest)\.config\.ts$`;
/** What writes bytes, or decides how to: nothing that a decoder needs. */
const ENCODERS = String.raw`/(encode|write|.*-encode|encode-.*|write-.*|bit-writer|code-lengths|choose-lengths|plan-.*)\.ts$`;

module.exports = {
  forbidden: [
    ...floors.map((names, floor) => ({
      name: `floor-${floor}-imports-from-lower-floors`,
      comment: `${names.join(', ')} may import only from floors below ${floor}`,
      severity: 'error',
      from: { path: inPackages(names) },
      to: { path: inPackages(floors.slice(floor).flat()), pathNot: '^packages/$1/' },
    })),
    {
      name: 'every-package-has-a-floor',
      comment: 'write the name of the new package on its floor in .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^packages/', pathNot: inPackages([...floors.flat(), ...beside]) },
      to: {},
    },
    {
      name: 'testkit-imports-core-only',
      comment: 'testkit serves every package, so it knows none but core; vitest and fast-check are its tools',
      severity: 'error',
      from: { path: inPackages(['testkit']) },
      to: {
        pathNot: [
          inPackages(['testkit', 'core']),
          'node_modules/(vitest|fast-check)/',
          String.raw`^(tsup|vitest)\.(config\.base|shared)\.ts$`,
        ],
      },
    },
    {
      name: 'only-tests-import-testkit',
      comment: 'testkit is for tests, of any package but core (which it imports)',
      severity: 'error',
      from: { pathNot: [TESTS, inPackages(['testkit'])] },
      to: { path: inPackages(['testkit']) },
    },
    {
      name: 'core-does-not-import-testkit',
      comment: 'core and testkit would need each other to be tested',
      severity: 'error',
      from: { path: inPackages(['core']) },
      to: { path: inPackages(['testkit']) },
    },
    {
      name: 'plugins-are-passed-not-imported',
      comment: 'nothing imports a plugin but an app or the CLI',
      severity: 'error',
      from: { path: '^packages/([^/]+)/', pathNot: inPackages(['cli']) },
      to: { path: '^packages/plugin-[^/]+/', pathNot: '^packages/$1/' },
    },
    {
      name: 'nobody-imports-apps',
      comment: 'an app is where imports end',
      severity: 'error',
      from: { path: ['^packages/', '^apps/([^/]+)/'] },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'decoder-without-encoder',
      comment: 'a `./decode` door carries nothing of the encoder',
      severity: 'error',
      from: { path: String.raw`^packages/[^/]+/src/decode\.ts$` },
      to: { path: ENCODERS, reachable: true },
    },
    {
      name: 'no-third-party-code-in-the-browser',
      comment: 'floors 0 to 2 and runtime run anywhere with nothing but our own code; types are erased',
      severity: 'error',
      from: { path: inPackages([...floors.slice(0, 3).flat(), 'runtime']), pathNot: [TESTS, CONFIGURATION] },
      to: { path: 'node_modules/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-node-modules-in-the-browser',
      comment: 'floors 0 to 2 and runtime run in a browser, which has no Node modules',
      severity: 'error',
      from: { path: inPackages([...floors.slice(0, 3).flat(), 'runtime']), pathNot: [TESTS, CONFIGURATION] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'imports-go-through-doors',
      comment: 'another package is imported by its name and doors, not by a path into its sources',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-circles',
      comment:
        'two files that need each other to run are one idea (types may mention each other: those imports are erased)',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'imports-exist',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // a type import is an import: floors hold for words as well as for code
    doNotFollow: { path: 'node_modules' },
    // What is built, and launchers of it, which come before anything is built.
    exclude: { path: '^packages/[^/]+/(dist|bin)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@pare/source', 'import', 'types', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
