/** Checks the manifest of each package as it would be published: publint, and "are the types wrong?". */
import { run } from './_run.mjs';
import { inEmptyFolder, pack } from './_tarballs.mjs';
import { publicPackages, tool } from './_workspace.mjs';

/**
 * node16: resolution as Node and bundlers do it. TypeScript's old `node10` knows no `exports`, so it cannot find doors such as
 * @pare/format/decode without a second tree of files; who still uses it is not supported. Packages without a CommonJS side
 * are checked as what they are.
 */
const profileOf = (name) =>
  publicPackages().some((known) => known.name === name && known.doors.some((door) => door.isRequired))
    ? 'node16'
    : 'esm-only';

/** Doors of types alone, which no program loads: ambient declarations of a Vite plugin have neither an ESM nor a CommonJS side. */
const typesOnly = (name) =>
  publicPackages()
    .find((known) => known.name === name)
    .doors.filter((door) => !door.isImported && !door.isRequired)
    .flatMap((door) => ['--exclude-entrypoints', door.name.slice(name.length + 1)]);

const complaints = await inEmptyFolder(async (folder) => {
  const tarballs = await pack(folder);
  const checks = [...tarballs].flatMap(([name, tarball]) => [
    [`publint ${name}`, tool('publint', 'run', tarball, '--strict')],
    [
      `attw ${name}`,
      tool(
        'attw',
        tarball,
        '--profile',
        profileOf(name),
        '--format',
        'ascii',
        '--no-emoji',
        '--no-color',
        ...typesOnly(name),
      ),
    ],
  ]);
  const found = [];
  for (const [title, command] of checks) {
    const { code, output } = await run(command, { seconds: 60 });
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${title}`);
    if (code !== 0) found.push(`${title}\n${output.trim()}`);
  }
  return found;
});
if (complaints.length > 0) {
  console.log(`\n${complaints.join('\n\n')}`);
  process.exitCode = 1;
}
