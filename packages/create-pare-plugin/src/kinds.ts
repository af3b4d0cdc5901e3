/** What a plugin can add. */
export type PluginKind = 'stage' | 'codec' | 'form' | 'hardware' | 'importer' | 'reporter';

/** What there is to know about a kind of plugin. */
export interface Kind {
  /** In a few words, for a list. */
  readonly about: string;
  /** Packages that it depends on beside @pare/core. */
  readonly needs: readonly string[];
  /** Packages that its tests take beside @pare/testkit. */
  readonly tests: readonly string[];
}

/** All kinds, in the order to list them. */
export const KINDS: Readonly<Record<PluginKind, Kind>> = {
  stage: { about: 'changes a network: prunes, shares, rounds, …', needs: ['valibot'], tests: [] },
  codec: { about: 'writes weights of a form to bytes, and reads them', needs: [], tests: ['@pare/format'] },
  form: { about: 'a new form of weights, how it is trained and written', needs: [], tests: ['@pare/format'] },
  hardware: { about: 'what a layer costs on a chip', needs: ['@pare/hardware'], tests: [] },
  importer: { about: 'reads and writes model files of another format', needs: [], tests: [] },
  reporter: { about: 'puts what was found into a file', needs: [], tests: [] },
};

/** Whether there are templates for it. */
export const isKind = (text: string): text is PluginKind => Object.hasOwn(KINDS, text);
