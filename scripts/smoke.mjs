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
  console.log(`${results.length} recipes: ${results.map((result) => result.recipe).join(', ')}`);
});
