/**
 * What authors of plugins get: in an empty folder, with the packed packages, `create-pare-plugin` writes a plugin of each kind; its
 * types, its contract suite and its build pass as they are, and `pare` works with it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlugins, createPlugins, KINDS, pluginFolder, writeTinyModel } from './_plugins.mjs';
import { run } from './_run.mjs';
import { inEmptyFolder, installPacked } from './_tarballs.mjs';

/** How each kind is used on the command line, and what must come of it: a pattern in what is printed. */
const uses = {
  stage: [
    [['compress', 'lenet.pare', '-o', 'a.pare', '--stage', 'mine-stage={"bits":3}', '--json'], /"output": "a\.pare"/],
  ],
  codec: [[['compress', 'lenet.pare', '-o', 'b.pare', '--density', '0.1', '--lossless', 'ip3', '--json'], /"codec"/]],
  form: [
    [['compress', 'lenet.pare', '-o', 'c.pare', '--stage', 'mine-form', '--json'], /"codec": "mine-form@1"/],
    [['inspect', 'c.pare'], /mine-form@1 3/],
    [['decode', 'c.pare', '-o', 'c.safetensors'], /c\.safetensors/],
  ],
  hardware: [[['cost', 'lenet.pare', '--hardware', 'mine-hardware'], /ip1/]],
  importer: [
    [['convert', 'lenet.pare', '-o', 'lenet.mineimporter'], /mineimporter/],
    [['inspect', 'lenet.mineimporter'], /266,610 numbers/],
  ],
  reporter: [[['compress', 'lenet.pare', '-o', 'd.pare', '--report', 'mine-reporter=d.csv'], /d\.pare/]],
};

await inEmptyFolder(async (folder) => {
  await installPacked(folder);
  await writeTinyModel(folder);
  await createPlugins(folder);
  await buildPlugins(folder);
  const say = (title, { code, output }, pattern = /(?:)/) => {
    const passed = code === 0 && pattern.test(output);
    console.log(`${passed ? 'ok    ' : 'FAILED'} ${title}`);
    if (passed) return;
    console.log(output.trim() || `ended with ${code}`);
    process.exitCode = 1;
  };
  const bin = (name) => join(folder, 'node_modules', name);
  for (const kind of KINDS) {
    const cwd = pluginFolder(folder, kind);
    say(`${kind}: tsc`, await run([process.execPath, bin('typescript/bin/tsc')], { cwd, seconds: 60 }));
    say(`${kind}: vitest run`, await run([process.execPath, bin('vitest/vitest.mjs'), 'run'], { cwd, seconds: 60 }));
    for (const [words, pattern] of uses[kind]) {
      const command = [
        process.execPath,
        bin('@pare/cli/bin/pare.js'),
        ...words,
        '--plugin',
        `pare-plugin-mine-${kind}`,
      ];
      const options = words[0] === 'compress' ? ['--no-baselines'] : [];
      say(`pare ${words.join(' ')}`, await run([...command, ...options], { cwd: folder, seconds: 60 }), pattern);
    }
  }
  const csv = join(folder, 'd.csv');
  const written = existsSync(csv) && readFileSync(csv, 'utf8');
  say('the report', { code: 0, output: String(written) }, /^weight,shape,.*\r\nip1\/kernel,300x784,/);
});
