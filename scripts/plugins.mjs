/**
 * What authors of plugins get: in an empty folder, with the packed packages, `create-pare-plugin` writes a plugin of each kind; its
 * types, its contract suite and its build pass as they are, and `pare` and a recipe work with it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPlugins, createPlugins, KINDS, pluginFolder, writeTinyModel } from './_plugins.mjs';
import { run } from './_run.mjs';
import { inEmptyFolder, installPacked } from './_tarballs.mjs';
import { ROOT } from './_workspace.mjs';

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

/** A recipe as somebody outside writes it, with plugins of all kinds that a recipe can use but the reporter, which the command line names. */
const RECIPE = `
import { sequence } from '@pare/architectures';
import { retrain } from '@pare/core';
import { magnitudePrune } from '@pare/pruning';
import codec from 'pare-plugin-mine-codec';
import form, { mineForm } from 'pare-plugin-mine-form';
import stage, { mineStage } from 'pare-plugin-mine-stage';

const layers = () => sequence([1, 28, 28], [{ kind: 'flatten', name: 'flatten' }, { kind: 'dense', name: 'ip', units: 10 }], { scale: 1 / 256 });
const training = { batchSize: 32 };
export default {
  name: 'mine',
  title: 'One layer, with plugins',
  source: 'a test',
  layers,
  phases: () => [
    { name: 'dense', stages: [retrain({ ...training, epochs: 3 })] },
    { name: 'pruned', stages: [magnitudePrune({ keep: 0.3 }), mineStage({ bits: 4 }), retrain({ ...training, epochs: 1 })] },
    { name: 'signs', from: 'dense', stages: [mineForm(), retrain({ ...training, epochs: 1 })] },
  ],
  encode: { coding: 'fast' },
  plugins: [codec, form, stage],
  claims: [{ what: 'compression', published: null, bound: { atLeast: 20 }, source: 'a bit a weight' }],
};
`;

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
    if (!uses[kind]) throw new Error(`write down in scripts/plugins.mjs how a plugin of the kind ${kind} is used`);
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
  const textOf = (...path) => {
    const file = join(folder, ...path);
    return { code: 0, output: String(existsSync(file) && readFileSync(file, 'utf8')) };
  };
  say('the report', textOf('d.csv'), /^weight,shape,.*\r\nip1\/kernel,300x784,/);

  writeFileSync(join(folder, 'recipe.mjs'), RECIPE);
  const named = ['--plugin', join(pluginFolder(folder, 'reporter'), 'src/index.ts')];
  const words = [join(folder, 'recipe.mjs'), ...named, '--smoke', '--out', join(folder, 'out')];
  const reproduced = await run(['npm', 'run', '-s', 'reproduce', '--', ...words], { cwd: ROOT, seconds: 120 });
  say('a recipe: pnpm reproduce ./recipe.mjs', reproduced, /compression/);
  say('the report of the recipe', textOf('out/mine/smoke/mine-reporter.csv'), /ip\/kernel,10x784,.*mine-form@1/);
});
