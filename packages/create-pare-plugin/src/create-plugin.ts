import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KINDS, type PluginKind } from './kinds.ts';
import { type Names, namesOf } from './names.ts';

const TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url));

/** What the templates are written for; ours are replaced by the versions that this package was released with. */
const TOOLS = { tsup: '^8.5.1', typescript: '^5.9.3', vitest: '^4.1.12', valibot: '^1.5.0' };

/**
 * Makes the files of a plugin package: TypeScript, a build, its contract suite and a README, working as they are.
 *
 * @param name - like `my-thing`; the package becomes `pare-plugin-my-thing`
 * @returns by path relative to the package's folder
 * @throws RangeError if the name is none
 * @example
 * [...createPlugin('my-thing', 'stage').keys()].includes('src/my-thing.test.ts') // true
 */
export function createPlugin(name: string, kind: PluginKind): ReadonlyMap<string, string> {
  const names = namesOf(name);
  const files = new Map<string, string>();
  for (const folder of ['common', kind]) {
    for (const entry of readdirSync(join(TEMPLATES, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const relative = path.slice(join(TEMPLATES, folder).length + 1).replaceAll('\\', '/');
      // npm leaves files of that name out of what it publishes.
      const target = renamed(relative, names).replace(/^_gitignore$/, '.gitignore');
      files.set(target, renamed(readFileSync(path, 'utf8'), names));
    }
  }
  files.set('package.json', `${JSON.stringify(manifest(names, kind), null, 2)}\n`);
  return files;
}

/** `mything` is for what takes no hyphens, such as extensions of files. */
const renamed = (text: string, { kebab, camel, pascal }: Names): string =>
  text
    .replaceAll('my-thing', kebab)
    .replaceAll('myThing', camel)
    .replaceAll('MyThing', pascal)
    .replaceAll('mything', kebab.replaceAll('-', ''));

function manifest({ package: name }: Names, kind: PluginKind) {
  const { needs, tests } = KINDS[kind];
  const versions = versionsOfOurs();
  const pick = (packages: readonly string[]): Record<string, string> =>
    Object.fromEntries(packages.map((one) => [one, versions[one] ?? 'latest']));
  return {
    name,
    version: '0.1.0',
    description: `A ${kind} for pare`,
    license: 'MIT',
    keywords: ['pare-plugin', 'neural-network', 'compression'],
    type: 'module',
    sideEffects: false,
    files: ['dist', 'src', '!src/**/*.test.ts'],
    exports: {
      '.': {
        import: { types: './dist/index.d.ts', default: './dist/index.js' },
        require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
      },
    },
    scripts: { build: 'tsup', check: 'tsc', test: 'vitest run', prepublishOnly: 'npm test && npm run build' },
    // One copy of core in a program: forms and errors of two would not be the same.
    peerDependencies: pick(['@pare/core']),
    dependencies: pick(needs),
    devDependencies: pick(['@pare/core', '@pare/testkit', ...tests, 'tsup', 'typescript', 'vitest'].sort()),
  };
}

/** The versions that this package was tested with: its own manifest says so once it is packed. */
function versionsOfOurs(): Record<string, string> {
  const { version, devDependencies } = JSON.parse(readFileSync(join(TEMPLATES, '../package.json'), 'utf8')) as {
    readonly version: string;
    readonly devDependencies: Record<string, string>;
  };
  const ours = Object.entries(devDependencies).filter(([name]) => name.startsWith('@pare/'));
  return {
    ...TOOLS,
    ...Object.fromEntries(ours.map(([name, range]) => [name, range.startsWith('workspace:') ? `^${version}` : range])),
  };
}
