import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './_run.mjs';
import { ROOT } from './_workspace.mjs';

/** What `npm create pare-plugin` has templates of: `pare-plugin-mine-stage` and so on are made of them. */
export const KINDS = readdirSync(join(ROOT, 'packages/create-pare-plugin/templates')).filter(
  (kind) => kind !== 'common',
);

/** The folder of the plugin of a kind. */
export const pluginFolder = (folder, kind) => join(folder, `pare-plugin-mine-${kind}`);

/**
 * Creates a plugin of each kind with the packed create-pare-plugin, beside the packed packages that they find as their parent's.
 * Only tools are linked from the workspace: vitest, TypeScript and tsup would be another 100 MB.
 */
export async function createPlugins(folder) {
  for (const [owner, name] of [
    ['.', 'vitest'],
    ['.', 'typescript'],
    ['.', 'tsup'],
    ['packages/create-pare-plugin', 'valibot'],
  ]) {
    linkOnce(join(ROOT, owner, 'node_modules', name), join(folder, 'node_modules', name));
  }
  const create = join(folder, 'node_modules/create-pare-plugin/bin/create-pare-plugin.js');
  for (const kind of KINDS) {
    await mustRun([process.execPath, create, `mine-${kind}`, '--kind', kind], { cwd: folder });
    linkOnce(pluginFolder(folder, kind), join(folder, 'node_modules', `pare-plugin-mine-${kind}`));
  }
}

/** Builds all of them. */
export async function buildPlugins(folder, ...options) {
  const tsup = join(folder, 'node_modules/tsup/dist/cli-default.js');
  for (const kind of KINDS) {
    await mustRun([process.execPath, tsup, ...options], { cwd: pluginFolder(folder, kind), seconds: 60 });
  }
}

/** Writes `lenet.pare`, LeNet-300-100 with random weights, by the packed packages. */
export async function writeTinyModel(folder) {
  const program = `
    import { writeFileSync } from 'node:fs';
    import { seededRandom } from '@pare/core';
    import { initialize, lenet300 } from '@pare/architectures';
    import { encodeModel } from '@pare/format';
    writeFileSync('lenet.pare', encodeModel(initialize(lenet300(), seededRandom(1)), { coding: 'fast' }));`;
  writeFileSync(join(folder, 'write-lenet.mjs'), program);
  await mustRun([process.execPath, 'write-lenet.mjs'], { cwd: folder });
}

function linkOnce(target, path) {
  try {
    symlinkSync(target, path, 'junction');
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}
