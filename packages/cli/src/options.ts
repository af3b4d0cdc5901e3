import type { Registry } from '@pare/core';
import { type Command, Option } from 'commander';
import { loadConfig, loadPlugins, type PareConfig } from './config.ts';
import { registryOf } from './model-file.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly plugin?: readonly string[];
  /** A file, or false for `--no-config`. */
  readonly config?: string | boolean;
}

/** Adds the options that every command has. */
export const withCommonOptions = (command: Command): Command =>
  command
    .option('--json', 'print one JSON object on stdout and nothing else there')
    .option('-q, --quiet', 'no progress, no tables')
    .addOption(new Option('--plugin <name>', 'also use this plugin package, or file; repeatable').argParser(collect))
    .option('--config <file>', 'default: pare.config.{ts,mts,js,mjs,json} in this folder, if there is one')
    .option('--no-config', 'look for no config');

/** Gathers the values of a repeatable option. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The config and all that is known by name. */
export async function prepare(
  { plugin = [], config: file }: CommonOptions,
  folder: string,
): Promise<{ config: PareConfig; registry: Registry }> {
  const config = file === false ? {} : await loadConfig(folder, typeof file === 'string' ? file : undefined);
  return { config, registry: registryOf(await loadPlugins([...(config.plugins ?? []), ...plugin], folder)) };
}
