import { createStage, type Registry, type Stage } from '@pare/core';
import type { PareConfig } from './config.ts';
import { UsageError } from './exit.ts';

/**
 * The stages that a command line asks for; if it asks for none, those of the config.
 *
 * @param words - `id`, or `id={"option": 1}`
 * @throws UsageError if there is no such stage or it refuses its options
 */
export async function stagesFor(
  { stages }: Pick<Registry, 'stages'>,
  config: PareConfig['stages'] = [],
  words: readonly string[] = [],
): Promise<Stage[]> {
  const [asked, where] = words.length > 0 ? [words.map(idAndOptions), '--stage'] : [config, '"stages" of the config'];
  const made: Stage[] = [];
  for (const one of asked) {
    if (typeof one === 'object' && 'run' in one) {
      made.push(one);
      continue;
    }
    const [id, options] = typeof one === 'string' ? [one] : one;
    made.push(
      await createStage(stages, id, options).catch((cause: Error) => {
        throw new UsageError(`${where}: ${cause.message}`, { cause });
      }),
    );
  }
  return made;
}

function idAndOptions(word: string): readonly [string, unknown] {
  const at = word.indexOf('=');
  if (at < 0) return [word, undefined];
  const text = word.slice(at + 1);
  try {
    return [word.slice(0, at), JSON.parse(text)];
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError(`--stage ${word.slice(0, at)}: expected options as JSON behind "=", got ${text}: ${message}`, {
      cause,
    });
  }
}
