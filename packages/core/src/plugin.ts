import type { Decoder, Encoder } from './codec.ts';
import type { HardwareModel } from './cost.ts';
import type { Exporter, Importer } from './interop.ts';
import type { NamedStage } from './named-stage.ts';
import type { Parametrization } from './parametrization.ts';
import type { Reporter } from './report.ts';

/** What a package adds whose names arrive from outside: in a file, on a command line. In code, import its functions instead. */
export interface Plugin {
  /** Name of its npm package, for messages. */
  readonly name: string;
  /** Of this interface. */
  readonly apiVersion: 1;
  readonly encoders?: readonly Encoder[];
  readonly decoders?: readonly Decoder[];
  readonly parametrizations?: readonly Parametrization[];
  readonly importers?: readonly Importer[];
  readonly exporters?: readonly Exporter[];
  readonly hardware?: readonly HardwareModel[];
  readonly stages?: readonly NamedStage[];
  readonly reporters?: readonly Reporter[];
}

/** Everything that some plugins add, merged, in their order. */
export type Registry = Required<Omit<Plugin, 'name' | 'apiVersion'>>;

/**
 * Says what a package adds. It is what it was given; this is where types are inferred and checked.
 *
 * @throws TypeError if it is no plugin, or one for another version of pare
 * @example
 * definePlugin({ name: 'pare-plugin-nothing', apiVersion: 1 }).name // 'pare-plugin-nothing'
 */
export function definePlugin<P extends Plugin>(plugin: P): P {
  checkPlugin(plugin);
  return plugin;
}

/**
 * Merges plugins. Nothing is loaded here: what is not in the list does not exist.
 *
 * @throws RangeError if two of them add the same id, naming both
 * @throws TypeError if one is no plugin
 * @example
 * createRegistry([{ name: 'pare-plugin-nothing', apiVersion: 1 }]).importers // []
 */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  plugins.forEach(checkPlugin);
  const merge = <T>(
    what: keyof Registry,
    idOf: (item: T) => string,
    of: (plugin: Plugin) => readonly T[] = () => [],
  ) => {
    const owners = new Map<string, string>();
    return plugins.flatMap((plugin) => {
      for (const item of of(plugin)) {
        const id = idOf(item);
        const owner = owners.get(id);
        if (owner !== undefined) {
          throw new RangeError(
            `createRegistry: "${owner}" and "${plugin.name}" both add "${id}" to ${what}: leave one of them out`,
          );
        }
        owners.set(id, plugin.name);
      }
      return of(plugin);
    });
  };
  const byId = ({ id }: { readonly id: string }): string => id;
  return {
    // An id names a codec, which may have an encoder for each kind of form.
    encoders: merge<Encoder>(
      'encoders',
      ({ id, kind }) => `${id} (${kind})`,
      ({ encoders = [] }) => encoders,
    ),
    decoders: merge<Decoder>('decoders', byId, ({ decoders = [] }) => decoders),
    parametrizations: merge<Parametrization>(
      'parametrizations',
      ({ kind }) => kind,
      ({ parametrizations = [] }) => parametrizations,
    ),
    importers: merge<Importer>('importers', byId, ({ importers = [] }) => importers),
    exporters: merge<Exporter>('exporters', byId, ({ exporters = [] }) => exporters),
    hardware: merge<HardwareModel>(
      'hardware',
      ({ name }) => name,
      ({ hardware = [] }) => hardware,
    ),
    stages: merge<NamedStage>('stages', byId, ({ stages = [] }) => stages),
    reporters: merge<Reporter>('reporters', byId, ({ reporters = [] }) => reporters),
  };
}

function checkPlugin(plugin: Plugin): void {
  const given: Partial<Plugin> | null | undefined = plugin;
  if (typeof given?.name !== 'string' || given.name === '') {
    throw new TypeError(
      `definePlugin: expected an object with a "name", got ${JSON.stringify(plugin)}: does the package export its plugin as default?`,
    );
  }
  if (given.apiVersion !== 1) {
    throw new TypeError(
      `definePlugin: "${given.name}" is for version ${given.apiVersion} of the plugin interface, this is version 1: install another version of one of them`,
    );
  }
  for (const [what, method] of Object.entries(METHODS)) {
    const items: unknown = given[what as keyof Registry] ?? [];
    if (!Array.isArray(items)) throw new TypeError(`definePlugin: "${what}" of "${given.name}" expected a list`);
    items.forEach((item, i) => {
      if (typeof Object(item)[method] === 'function') return;
      throw new TypeError(
        `definePlugin: ${what}[${i}] of "${given.name}" expected an object with a function "${method}"`,
      );
    });
  }
}

/** What each thing that a plugin adds must be able to do. */
const METHODS: Readonly<Record<keyof Registry, string>> = {
  encoders: 'encode',
  decoders: 'decode',
  parametrizations: 'toDense',
  importers: 'read',
  exporters: 'write',
  hardware: 'cost',
  stages: 'create',
  reporters: 'render',
};
