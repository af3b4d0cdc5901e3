import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Stage } from './stage.ts';

/**
 * A stage that can be asked for by name: on a command line, in a config written as JSON. Code imports the function that makes the
 * stage instead.
 */
export interface NamedStage {
  /** What a command line calls it: `'clip'`. */
  readonly id: string;
  /** One sentence for a list of stages. */
  readonly about: string;
  /** What options it takes, in any library that speaks Standard Schema (zod, valibot, arktype, …); absent: none. */
  readonly options?: StandardSchemaV1;
  /** @param options - what the schema made of the given ones */
  create(options: unknown): Stage;
}

/**
 * Says how a stage is asked for by name; the schema gives the options their type.
 *
 * @example
 * defineStage({ id: 'idle', about: 'Does nothing.', create: () => ({ name: 'idle', run: (model) => model }) }).id // 'idle'
 */
export function defineStage<Schema extends StandardSchemaV1 = StandardSchemaV1<undefined>>(stage: {
  readonly id: string;
  readonly about: string;
  readonly options?: Schema;
  create(options: StandardSchemaV1.InferOutput<Schema>): Stage;
}): NamedStage {
  return { ...stage, create: (options) => stage.create(options as StandardSchemaV1.InferOutput<Schema>) };
}

/**
 * Makes a stage of its name and options that were written down somewhere.
 *
 * @param options - as they came from outside; undefined where none were given
 * @throws RangeError if there is no such stage, naming those there are, or if its schema refuses the options, saying where and why
 * @example
 * const idle = defineStage({ id: 'idle', about: 'Does nothing.', create: () => ({ name: 'idle', run: (model) => model }) });
 * (await createStage([idle], 'idle')).name // 'idle'
 */
export async function createStage(among: readonly NamedStage[], id: string, options?: unknown): Promise<Stage> {
  const found = among.find((stage) => stage.id === id);
  if (!found) {
    const known = among.map((stage) => stage.id).join(', ') || 'none: add a plugin that brings it';
    throw new RangeError(`no stage "${id}"; there are ${known}`);
  }
  if (!found.options) {
    if (options !== undefined) throw new RangeError(`stage "${id}" takes no options, got ${JSON.stringify(options)}`);
    return found.create(undefined);
  }
  const result = await found.options['~standard'].validate(options ?? {});
  if (result.issues) {
    const reasons = result.issues.map(({ message, path = [] }) => {
      const where = path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.');
      return where ? `"${where}": ${message}` : message;
    });
    throw new RangeError(`options of stage "${id}": ${reasons.join('; ')}; got ${JSON.stringify(options ?? {})}`);
  }
  return found.create(result.value);
}
