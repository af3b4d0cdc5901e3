/** A second reader of .pare files, in plain Python, agrees with ours: packages/format/test/reader. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { mustRun } from './_run.mjs';
import { CI, ROOT, SKIPPED } from './_workspace.mjs';

const python = process.env.PYTHON || 'python3';
if (spawnSync(python, ['--version']).status === 0) {
  const compare = join(ROOT, 'packages', 'format', 'test', 'reader', 'compare.ts');
  const { output } = await mustRun([process.execPath, '--conditions=@pare/source', '--import', 'tsx', compare], {
    env: { PYTHON: python },
  });
  console.log(output.trim());
} else {
  console.log('no Python: install python3 or set PYTHON');
  process.exitCode = CI ? 1 : SKIPPED;
}
