import { isCancel, select, text } from '@clack/prompts';
import { KINDS, type PluginKind } from './kinds.ts';
import { namesOf } from './names.ts';
import { main } from './program.ts';

const answered = <T extends string>(answer: T | symbol): T | undefined =>
  isCancel(answer) ? undefined : (answer as T);

const ask = {
  name: async () =>
    answered<string>(
      await text({
        message: 'What is it called?',
        placeholder: 'my-thing',
        validate(name = '') {
          try {
            namesOf(name);
          } catch (error) {
            return (error as Error).message;
          }
          return undefined;
        },
      }),
    ),
  kind: async () =>
    answered<PluginKind>(
      await select<PluginKind>({
        message: 'What does it add?',
        options: Object.entries(KINDS).map(([value, { about }]) => ({
          value: value as PluginKind,
          label: value,
          hint: about,
        })),
      }),
    ),
};

const { stdin, stdout, stderr } = process;
process.exitCode = await main(process.argv.slice(2), {
  stdout,
  stderr,
  folder: process.cwd(),
  ...(stdin.isTTY && stdout.isTTY && { ask }),
});
