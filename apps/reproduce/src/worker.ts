import { generateDigits } from './data/generated-digits.ts';
import { loadMnist } from './data/mnist.ts';
import type { FromWorker, ToWorker } from './pool.ts';
import { recipeNamed } from './recipes.ts';
import { runRecipe } from './run-recipe.ts';

// One recipe in a process of its own: started by pool.ts, told what to do by the first message.
const send = (message: FromWorker): void => {
  process.send?.(message);
};

const abort = new AbortController();
process.on('SIGINT', () => {}); // Ctrl-C reaches the whole group; the parent decides and says so by 'stop'
process.on('disconnect', () => abort.abort(new Error('interrupted')));
process.on('message', async (message: ToWorker) => {
  if (message.kind === 'stop') {
    abort.abort(new Error('interrupted'));
    return;
  }
  const { recipe, mode, seed, folder, resume } = message;
  try {
    const data =
      mode === 'smoke' ? generateDigits({ train: 2000, test: 500 }) : await loadMnist({ signal: abort.signal });
    const result = await runRecipe(recipeNamed(recipe), {
      mode,
      seed,
      data,
      folder,
      resume,
      signal: abort.signal,
      onProgress: (progress) => send({ kind: 'progress', progress }),
    });
    send({ kind: 'result', result });
  } catch (error) {
    const interrupted = abort.signal.aborted;
    send({ kind: 'failed', interrupted, message: (error as Error).message, stack: (error as Error).stack ?? '' });
  }
  process.disconnect?.();
});
