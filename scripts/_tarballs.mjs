import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustRun } from './_run.mjs';
import { pnpm, publicPackages } from './_workspace.mjs';

/** Gives `use` an empty folder outside the repository and removes it afterwards. */
export async function inEmptyFolder(use) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pare-')));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove); // whoever gives up in the middle leaves nothing behind, either
  try {
    return await use(folder);
  } finally {
    remove();
  }
}

/** Packs what would be published. Resolves to the tarball of each package by its name. */
export async function pack(folder) {
  const args = publicPackages().flatMap(({ name }) => ['--filter', name]);
  const { stdout } = await mustRun(pnpm('-r', ...args, 'pack', '--pack-destination', folder, '--json'));
  const packed = [JSON.parse(stdout)].flat();
  return new Map(packed.map(({ name, filename }) => [name, filename]));
}

/**
 * Installs the packed packages with npm as a user would, into a folder of a user.
 *
 * Peers are not downloaded again but linked from the workspace: tfjs alone is 100 MB. What our packages depend on comes from
 * npm's cache or the registry.
 */
export async function installPacked(folder) {
  const tarballs = await pack(join(folder, 'tarballs'));
  const dependencies = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, dependencies }));
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await mustRun(['npm', 'install', '--prefer-offline', '--legacy-peer-deps', ...quiet], { cwd: folder, seconds: 120 });
  for (const { folder: source, manifest } of publicPackages()) {
    for (const peer of Object.keys(manifest.peerDependencies ?? {})) {
      if (!tarballs.has(peer)) link(join(source, 'node_modules', peer), join(folder, 'node_modules', peer));
    }
  }
  return tarballs;
}

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true }); // what npm installed for a package that brings it along: one copy only
  symlinkSync(realpathSync(target), path, 'junction');
}
