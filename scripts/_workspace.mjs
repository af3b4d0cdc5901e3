import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** True where a missing tool is a failure, not a reason to skip. */
export const CI = process.env.CI === 'true' || process.env.CI === '1';

/** Exit code of a script that skipped its work; its last line says why. */
export const SKIPPED = 77;

/** The packages that are published: folder, manifest, and the names of their doors ('@pare/format', '@pare/format/decode'). */
export function publicPackages() {
  return readdirSync(join(ROOT, 'packages'))
    .map((name) => join(ROOT, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ folder, manifest, name: manifest.name, doors: doorsOf(manifest) }));
}

function doorsOf({ name, exports = {} }) {
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, target]) => ({
      name: name + path.slice(1),
      isImported: 'import' in target,
      isRequired: 'require' in target,
    }));
}

/** The command that runs the pnpm this repository is pinned to, installed or not. */
export const pnpm = (...args) => {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return ['npx', '-y', packageManager, ...args];
};

/** The command that runs a tool of the workspace. */
export const tool = (name, ...args) => [join(ROOT, 'node_modules', '.bin', name), ...args];
