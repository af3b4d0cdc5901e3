/** Runs every recipe for some seconds on drawn digits, through the command that users type, and reads what it prints. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './_run.mjs';
import { inEmptyFolder } from './_tarballs.mjs';
import { ROOT } from './_workspace.mjs';

const recipes = readdirSync(join(ROOT, 'apps/reproduce/recipes'))
  .filter((file) => /^[^_].*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  .map((file) => file.replace(/\.ts$/, ''));

await inEmptyFolder(async (out) => {
  const app = ['--conditions=@pare/source', '--import', 'tsx', 'apps/reproduce/src/main.ts'];
  const options = ['--smoke', '--json', '--jobs', '2', '--out', out];
  const env = { PARE_OFFLINE: '1' };
  const { stdout, output } = await mustRun([process.execPath, ...app, ...options], { env, seconds: 240 });
  const { results } = JSON.parse(stdout);
  if (!Array.isArray(results)) throw new Error(`expected {"results": [...]} on stdout, got\n${output}`);
  const missing = recipes.filter((recipe) => !results.some((result) => result.recipe === recipe));
  if (missing.length > 0) throw new Error(`no result for ${missing.join(', ')}\n${output}`);
  const checks = { ladder: checkLadder, study: checkStudy };
  for (const result of results) (checks[result.kind] ?? checkResult)(result);
  console.log(`${results.length} recipes: ${results.map((result) => result.recipe).join(', ')}`);
});

/** What the result of a ladder must hold: rows of networks, each with a size, and no accuracy on generated images. */
function checkLadder({ recipe, mode, data, seed, versions, rows, seconds }) {
  const holds = {
    mode: mode === 'smoke',
    data: data.source === 'generated',
    seed: Number.isInteger(seed),
    versions: typeof versions.node === 'string',
    rows: rows.length > 0 && rows.some(({ state }) => state === 'computed'),
    sizes: rows.every(({ bytes }) => Number.isInteger(bytes) && bytes > 0),
    judgements: rows
      .filter(({ state }) => state === 'computed')
      .every(({ judgement }) => judgement === null || (judgement.accuracy === null && judgement.agreement <= 1)),
    seconds: seconds > 0,
  };
  const wrong = Object.keys(holds).filter((key) => !holds[key]);
  if (wrong.length > 0) throw new Error(`${recipe}: the result's ${wrong.join(', ')} not as promised`);
}

/** What the result of a study must hold: claims with bounds, none of them met or missed on generated data, and tables. */
function checkStudy({ recipe, mode, data, seed, versions, claims, tables, charts, notes, seconds }) {
  const holds = {
    mode: mode === 'smoke',
    data: data.source === 'generated',
    seed: Number.isInteger(seed),
    versions: typeof versions.node === 'string',
    claims:
      claims.length > 0 && claims.every(({ bound, met }) => ('atLeast' in bound || 'atMost' in bound) && met === null),
    tables: tables.every(({ columns, rows }) => rows.every((row) => row.length === columns.length)),
    charts: charts.length > 0,
    notes: notes.length > 0,
    seconds: seconds > 0,
  };
  const wrong = Object.keys(holds).filter((key) => !holds[key]);
  if (wrong.length > 0) throw new Error(`${recipe}: the result's ${wrong.join(', ')} not as promised`);
}

/** What every result must hold, committed ones too. */
function checkResult({ recipe, mode, data, seed, versions, claims, sizes, phases, accuracy, judged, seconds }) {
  const share = (value) => typeof value === 'number' && value >= 0 && value <= 1;
  const count = (value) => Number.isInteger(value) && value > 0;
  const holds = {
    mode: mode === 'smoke',
    data: data.source === 'generated' && Object.values(data.sha256).every((hash) => /^[0-9a-f]{64}$/.test(hash)),
    seed: Number.isInteger(seed),
    versions: typeof versions.node === 'string' && typeof versions['@tensorflow/tfjs-core'] === 'string',
    claims: claims.every(
      ({ what, published, bound, measured, met }) =>
        typeof what === 'string' &&
        (published === null || typeof published === 'number') &&
        ('atLeast' in bound || 'atMost' in bound) &&
        (what !== 'top-1 error' || share(measured)) &&
        met === null, // no claim is met on drawn digits
    ),
    sizes:
      ['originalBytes', 'fileBytes', 'uint8GzipBytes', 'uint8BrotliBytes'].every((key) => count(sizes[key])) &&
      sizes.ratio === sizes.originalBytes / sizes.fileBytes,
    phases: phases.every(({ fileBytes, layers }) => count(fileBytes) && layers.every(({ density }) => share(density))),
    accuracy: share(accuracy.before) && share(accuracy.after),
    judged: count(judged),
    seconds: seconds > 0,
  };
  const wrong = Object.keys(holds).filter((key) => !holds[key]);
  if (wrong.length > 0) throw new Error(`${recipe}: the result's ${wrong.join(', ')} not as promised`);
}
