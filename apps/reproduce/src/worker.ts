import { generateDigits } from './data/generated-digits.ts';
import { loadMnist } from './data/mnist.ts';
import { isLadder } from './ladder/ladder.ts';
import { findMaterial, smallMaterial } from './ladder/material.ts';
import { runLadder } from './ladder/run-ladder.ts';
import type { AnyProgress, FromWorker, ToWorker } from './pool.ts';
import { withPlugins } from './recipe-plugins.ts';
import { bringRecipe, recipeNamed } from './recipes.ts';
import { runRecipe } from './run-recipe.ts';
import { runStudy } from './study/run-study.ts';
import { isStudy } from './study/study.ts';

// One recipe in a process of its own: started by pool.ts, told what to do by the first message.
const send = (message: FromWorker): Promise<void> =>
  new Promise((sent) => {
    if (process.send) process.send(message, () => sent());
    else sent();
  });

const abort = new AbortController();
process.on('SIGINT', () => {}); // Ctrl-C reaches the whole group; the parent decides and says so by 'stop'
process.on('disconnect', () => abort.abort(new Error('interrupted')));
process.on('message', async (message: ToWorker) => {
  if (message.kind === 'stop') {
    abort.abort(new Error('interrupted'));
    return;
  }
  const { recipe: name, file, mode, seed, folder, resume, rows, plugins } = message;
  const common = {
    mode,
    seed,
    folder,
    resume,
    signal: abort.signal,
    onProgress: (progress: AnyProgress) => void send({ kind: 'progress', progress }),
  };
  try {
    const recipe = file === undefined ? recipeNamed(name) : await bringRecipe(file);
    if (isStudy(recipe)) await send({ kind: 'result', result: await runStudy(recipe, common) });
    else if (isLadder(recipe)) {
      const material = mode === 'smoke' ? smallMaterial() : findMaterial();
      await send({
        kind: 'result',
        result: await runLadder(recipe, { ...common, material, ...(rows && { only: rows }) }),
      });
    } else {
      const data =
        mode === 'smoke' ? generateDigits({ train: 2000, test: 500 }) : await loadMnist({ signal: abort.signal });
      await send({ kind: 'result', result: await runRecipe(await withPlugins(recipe, plugins), { ...common, data }) });
    }
  } catch (error) {
    const interrupted = abort.signal.aborted;
    await send({ kind: 'failed', interrupted, message: (error as Error).message, stack: (error as Error).stack ?? '' });
  }
  process.disconnect?.(); // not before the last message is sent: it would be dropped
});
