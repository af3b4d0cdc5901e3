import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CompressSettings } from '@pare/compress';
import type { Plugin, Stage } from '@pare/core';
import { createJiti } from 'jiti';
import { UsageError } from './exit.ts';

/** What a `pare.config.ts` says. The command line decides where both speak. */
export interface PareConfig {
  /** How `pare compress` compresses. */
  readonly compress?: CompressSettings;
  /** What `pare compress` first does to the network: stages, or ids of stages of plugins, alone or with options. */
  readonly stages?: readonly (Stage | string | readonly [id: string, options: unknown])[];
  /** Plugins themselves, or names of packages that export one as default. */
  readonly plugins?: readonly (Plugin | string)[];
}

/** Says what type a config has; it is what it was given. */
export const defineConfig = (config: PareConfig): PareConfig => config;

const NAMES = ['pare.config.ts', 'pare.config.mts', 'pare.config.js', 'pare.config.mjs', 'pare.config.json'];

/**
 * Loads a config.
 *
 * @param file - named on the command line; default: the first of `pare.config.{ts,mts,js,mjs,json}` in the folder, if any
 * @throws UsageError if the file is absent, does not load, or is no config
 */
export async function loadConfig(folder: string, file?: string): Promise<PareConfig & { readonly path?: string }> {
  const path = file === undefined ? NAMES.map((name) => join(folder, name)).find(existsSync) : resolve(folder, file);
  if (path === undefined) return {};
  if (!existsSync(path)) throw new UsageError(`--config: there is no file ${path}`);
  const config = await importDefault(path, folder).catch((cause: unknown) => {
    throw new UsageError(`${path} does not load: ${(cause as Error).message}`, { cause });
  });
  if (typeof config !== 'object' || config === null) {
    throw new UsageError(`${path}: expected an object as default export, as defineConfig({ … }) gives`);
  }
  const unknown = Object.keys(config).find((key) => !['compress', 'stages', 'plugins'].includes(key));
  if (unknown !== undefined)
    throw new UsageError(`${path}: unknown entry "${unknown}"; there are "compress", "stages" and "plugins"`);
  return { ...config, path };
}

/**
 * Loads plugins by the names of their packages, as seen from a folder; or by paths of files, or of folders with a package in them.
 *
 * @throws UsageError naming the package if it is absent
 */
export async function loadPlugins(plugins: readonly (Plugin | string)[], folder: string): Promise<Plugin[]> {
  return Promise.all(
    plugins.map(async (plugin) => {
      if (typeof plugin !== 'string') return plugin;
      const path = plugin.startsWith('.') || isAbsolute(plugin) ? resolve(folder, plugin) : undefined;
      try {
        const entry = path === undefined ? plugin : entryOf(path);
        return (await importDefault(entry, folder)) as Plugin; // createRegistry checks it
      } catch (cause) {
        const [message] = (cause as Error).message.split('\n');
        throw new UsageError(`plugin "${plugin}" does not load: ${message}${repairOf(path)}`, { cause });
      }
    }),
  );
}

/** What to do when a plugin does not load; of a file that is there, its own message says it. */
function repairOf(path: string | undefined): string {
  if (path === undefined || !existsSync(path)) return '; is it installed?';
  if (!statSync(path).isDirectory()) return '';
  return '; build it first, or name the source file that exports the plugin, such as ./src/index.ts';
}

/** Of a package's folder the file that its package.json exports, as whoever installs it gets; other paths as they are. */
function entryOf(path: string): string {
  const manifest = join(path, 'package.json');
  if (!existsSync(manifest)) return path;
  const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly name: string };
  return createJiti(pathToFileURL(manifest).href).esmResolve(name);
}

/**
 * jiti reads TypeScript, which Node 20 does not. Whatever it reads finds @pare/core, also where nothing is installed: the copy of this
 * command, so that forms and errors are the same.
 */
function importDefault(path: string, folder: string): Promise<unknown> {
  const core = import.meta.resolve?.('@pare/core');
  const alias = core?.startsWith('file:') ? { alias: { '@pare/core': fileURLToPath(core) } } : {};
  const jiti = createJiti(pathToFileURL(join(folder, 'pare')).href, { fsCache: false, ...alias });
  return jiti.import(path, { default: true });
}
