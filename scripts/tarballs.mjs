/**
 * What users get: packs every package, installs the tarballs into an empty folder, and there imports and requires every door,
 * does one tiny task with each package, and type checks a program that uses them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './_run.mjs';
import { inEmptyFolder, installPacked } from './_tarballs.mjs';
import { publicPackages, ROOT, tool } from './_workspace.mjs';

const packages = publicPackages();

/** A program that does the task of one package; `load` is how it gets at packages. */
const program = (name, doors, load) => `
const { tasks } = await import(${JSON.stringify(new URL('_tasks.mjs', import.meta.url).href)});
const load = async (name) => ${load};
for (const door of ${JSON.stringify(doors)}) {
  if (Object.keys(await load(door)).length === 0) throw new Error(door + ' exports nothing');
}
if (!tasks[${JSON.stringify(name)}]) throw new Error('write a task for ${name} in scripts/_tasks.mjs');
await tasks[${JSON.stringify(name)}](await load(${JSON.stringify(name)}), load);
process.exit(0); // tfjs keeps workers
`;

/** Imports every door that can be imported in that way; wrong types are seen by what must not compile. */
const consumer = (file) => `
${packages
  .flatMap(({ doors }) => doors)
  .filter((door) => (file.endsWith('.cts') ? door.isRequired : door.isImported))
  .map(({ name }, i) => `import * as door${i} from '${name}';\nexport type Door${i} = typeof door${i};`)
  .join('\n')}
import { magnitudeMask } from '@pare/pruning';
import { decodeHuffman } from '@pare/huffman/decode';
import { type Weight, weightOf } from '@pare/core';
import { decodeModel } from '@pare/format/decode';

export const mask: Uint8Array = magnitudeMask(Float32Array.of(1, 2), { keep: 0.5 });
export const symbols: Uint8Array | Uint16Array = decodeHuffman(new Uint8Array(2), 1, 2);
export const weight: Weight = weightOf(decodeModel(new Uint8Array(9)), 'ip1/kernel');
// @ts-expect-error it takes numbers
magnitudeMask('1, 2', { keep: 0.5 });
// @ts-expect-error it takes a model
weightOf({}, 'ip1/kernel');
`;

const consumers = [
  { resolution: 'node16', module: 'node16', files: ['consumer.mts', 'consumer.cts'] },
  { resolution: 'bundler', module: 'esnext', files: ['consumer.ts'] },
];

/** Errors of the program and of our declarations; those of others (tfjs 4.22 has some) are not ours to mend. */
const ownErrors = (output, folder) =>
  output
    .split('\n')
    .filter(
      (line) => line.startsWith(`${folder}/`) || line.startsWith('node_modules/@pare/') || line.startsWith('error'),
    );

await inEmptyFolder(async (folder) => {
  await installPacked(folder);
  const say = (title, complaint) => {
    console.log(`${complaint ? 'FAILED' : 'ok    '} ${title}`);
    if (!complaint) return;
    console.log(complaint);
    process.exitCode = 1;
  };
  const check = async (title, file) => {
    const { code, output } = await run([process.execPath, file], { cwd: folder, seconds: 60 });
    say(title, code === 0 ? '' : output.trim() || `ended with ${code}`);
  };

  for (const { name, doors } of packages) {
    const file = join(folder, name.replace(/\W+/g, '-'));
    const imported = doors.filter((door) => door.isImported).map((door) => door.name);
    const required = doors.filter((door) => door.isRequired).map((door) => door.name);
    if (imported.length > 0) {
      writeFileSync(`${file}.mjs`, program(name, imported, 'import(name)'));
      await check(`import ${name}`, `${file}.mjs`);
    }
    if (required.length > 0) {
      writeFileSync(`${file}.cjs`, `(async () => {${program(name, required, 'require(name)')}})();`);
      await check(`require ${name}`, `${file}.cjs`);
    }
  }

  for (const { resolution, module, files } of consumers) {
    const compilerOptions = {
      module,
      moduleResolution: resolution,
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable'],
      strict: true,
      noEmit: true,
      skipLibCheck: false, // our declarations are checked as well
      typeRoots: [join(ROOT, 'node_modules', '@types')],
      types: ['node'],
    };
    const project = join(folder, resolution);
    mkdirSync(project);
    for (const file of files) writeFileSync(join(project, file), consumer(file));
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const { code, output } = await run(tool('tsc', '-p', project), { cwd: folder, seconds: 120 });
    const ours = ownErrors(output, resolution);
    say(`types ${resolution}`, code !== 0 && !/error TS/.test(output) ? output : ours.join('\n'));
  }
});
