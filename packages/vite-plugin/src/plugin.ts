import { basename, join, resolve } from 'node:path';
import { createFilter } from '@rollup/pluginutils';
import { type Cache, diskCache, hashOf } from './cache.ts';
import { type CompressedModel, compressFile, ModelError } from './compressed-model.ts';
import type { PareOptions } from './options.ts';
import { reportOf } from './report.ts';

/** What the hooks use of the context that Vite, Rolldown and Rollup give them. */
export interface BuildContext {
  resolve(
    source: string,
    importer?: string,
    options?: { readonly skipSelf?: boolean },
  ): Promise<{ readonly id: string; readonly external?: unknown } | null>;
  emitFile(file: { readonly type: 'asset'; readonly name: string; readonly source: Uint8Array }): string;
  addWatchFile(path: string): void;
  warn(message: string): void;
  error(message: { readonly message: string; readonly id: string; readonly cause: unknown }): never;
}

/** What the plugin uses of a dev server. */
export interface DevServer {
  readonly config: { readonly base: string };
  readonly middlewares: {
    use(
      handle: (
        request: { readonly url?: string | undefined; readonly method?: string | undefined },
        response: {
          statusCode: number;
          setHeader(name: string, value: string | number): unknown;
          end(body?: Uint8Array): unknown;
        },
        next: () => void,
      ) => void,
    ): unknown;
  };
}

/** A plugin for Vite, Rolldown and Rollup. */
export interface ParePlugin {
  readonly name: 'pare';
  readonly enforce: 'pre';
  configResolved(config: ResolvedConfig): void;
  configureServer(server: DevServer): void;
  buildStart(): void;
  resolveId(this: BuildContext, source: string, importer: string | undefined): Promise<string | null>;
  /** The filter spares the others' modules the way to here; whoever does not know filters calls the handler for all. */
  readonly load: {
    readonly filter: { readonly id: RegExp };
    handler(this: BuildContext, id: string): Promise<string | null>;
  };
  hotUpdate<M>(
    this: { readonly environment: { readonly moduleGraph: { getModuleById(id: string): M | undefined } } },
    change: { readonly file: string; readonly modules: readonly M[] },
  ): M[] | undefined;
  closeBundle(this: { info?(message: string): void }): void;
}

interface ResolvedConfig {
  readonly root: string;
  readonly command: 'build' | 'serve';
  readonly logger: { info(message: string): void };
}

/**
 * Modules have this name: `\0`, so that other plugins leave them alone, and an ending, so that those who take every `.json`
 * do so too.
 */
const PREFIX = '\0pare:';
const SUFFIX = '.pare-url';
const OURS = /^\0pare:/;

/** Where the dev server has compressed files, after its base. */
const DEV_FOLDER = '@pare/';

/**
 * Compresses the models that a page imports: `import url from './model.json?pare'` gives the URL of a `.pare` file, which is
 * part of the build, named by its content. The dev server has it too.
 *
 * @throws RangeError, TypeError when a model is loaded, if a setting is out of range: see `compressModel`
 * @example
 * pare({ snr: 30, include: '**\/*.h5' }).name // 'pare'
 */
export function pare(options: PareOptions = {}): ParePlugin {
  const { include, exclude, report = true } = options;
  const always = include === undefined ? () => false : createFilter(include as never, exclude as never);
  let root = process.cwd();
  let config: ResolvedConfig | undefined;
  let base: string | undefined;
  let cache: Cache | undefined;
  /** By path, as long as nothing changes: the same model may be asked for by pages and workers. */
  const pending = new Map<string, Promise<CompressedModel>>();
  const finished = new Map<string, CompressedModel>();
  /** What the dev server hands out, by URL after the base, as it is asked for: with its escapes. */
  const served = new Map<string, Uint8Array>();
  /** Modules by each file that they were made of. */
  const modulesOf = new Map<string, Set<string>>();

  const compressed = (path: string): Promise<CompressedModel> => {
    cache ??= diskCache(
      options.cache === false ? undefined : resolve(root, options.cache ?? join('node_modules', '.cache', 'pare')),
    );
    const running = pending.get(path) ?? compressFile(path, options, cache);
    pending.set(path, running);
    return running;
  };

  return {
    name: 'pare',
    // Before those who would read a model as JSON, or copy it.
    enforce: 'pre',

    configResolved(resolved) {
      config = resolved;
      root = resolved.root;
    },

    configureServer(server) {
      base = server.config.base;
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '').replace(/[?#].*$/s, '');
        const bytes = served.get(path.slice(path.startsWith(base!) ? base!.length : 1));
        if (!bytes) return next();
        response.statusCode = 200;
        response.setHeader('Content-Type', 'application/octet-stream');
        response.setHeader('Content-Length', bytes.length);
        // Its name changes with its content.
        response.setHeader('Cache-Control', 'max-age=31536000, immutable');
        response.end(request.method === 'HEAD' ? undefined : bytes);
      });
    },

    buildStart() {
      // A build that watches starts again when a file has changed.
      pending.clear();
      finished.clear();
    },

    async resolveId(source, importer) {
      if (source.startsWith(PREFIX)) return source;
      const asked = /^([^?]*)\?pare$/.exec(source)?.[1];
      if (asked === undefined && (include === undefined || source.includes('?'))) return null;
      const found = await this.resolve(asked ?? source, importer, { skipSelf: true });
      if (!found || found.external) {
        return asked === undefined ? null : this.error(notFound(asked, importer));
      }
      const path = found.id.replace(/[?#].*$/s, '');
      return asked !== undefined || always(path) ? PREFIX + path + SUFFIX : null;
    },

    load: {
      filter: { id: OURS },
      async handler(id) {
        if (!id.startsWith(PREFIX) || !id.endsWith(SUFFIX)) return null;
        const path = id.slice(PREFIX.length, -SUFFIX.length);
        const watch = (files: readonly string[]): void => {
          for (const file of files) {
            this.addWatchFile(file);
            const modules = modulesOf.get(normal(file)) ?? new Set();
            modulesOf.set(normal(file), modules.add(id));
          }
        };
        let model: CompressedModel;
        try {
          model = await compressed(path);
        } catch (cause) {
          pending.delete(path);
          if (cause instanceof ModelError) watch(cause.files);
          return this.error({ message: (cause as Error).message, id: path, cause });
        }
        watch(model.files);
        if (!finished.has(path)) for (const note of model.notes) this.warn(`${path}: ${note}`);
        finished.set(path, model);
        const name = `${basename(path).replace(/\.[^.]*$/, '')}.pare`;
        if (base === undefined) {
          const reference = this.emitFile({ type: 'asset', name, source: model.bytes });
          return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
        }
        const url = encodeURI(`${DEV_FOLDER}${hashOf(model.bytes).slice(0, 16)}/${name}`);
        served.set(url, model.bytes);
        return `export default ${JSON.stringify(base + url)};`;
      },
    },

    hotUpdate({ file, modules }) {
      const ids = modulesOf.get(normal(file));
      if (!ids) return undefined;
      for (const id of ids) pending.delete(id.slice(PREFIX.length, -SUFFIX.length));
      const ours = [...ids].flatMap((id) => this.environment.moduleGraph.getModuleById(id) ?? []);
      return [...new Set([...modules, ...ours])];
    },

    closeBundle() {
      if (!report || finished.size === 0 || config?.command === 'serve') return;
      const text = reportOf(finished.values(), root);
      if (config) config.logger.info(text);
      else this.info?.(text);
      finished.clear(); // a build for pages and one for a server each say what is theirs
    },
  };
}

const notFound = (source: string, importer: string | undefined) => {
  const message = `no file "${source}" for ${importer ?? 'the entry'}: the path before ?pare is relative to the file that imports it`;
  return { message, id: source, cause: undefined };
};

/** Vite writes paths with slashes on every system. */
const normal = (path: string): string => path.replaceAll('\\', '/');
