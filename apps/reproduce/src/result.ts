import type { Judged } from './claims.ts';
import type { Mode } from './recipe.ts';
import type { LayerSize } from './sizes.ts';

/** What was run on what: the same in every result that is committed under `results/`. */
export interface Run {
  readonly recipe: string;
  readonly mode: Mode;
  readonly data: {
    readonly source: 'real' | 'generated';
    readonly note: string;
    readonly sha256: Readonly<Record<string, string>>;
  };
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Of the work itself; without what an interrupted stage had done, if resumed. */
  readonly seconds: number;
  readonly resumed: boolean;
}

/** Everything a run found out. Errors are fractions; what was not measured is null. */
export interface Result extends Run {
  readonly claims: readonly Judged[];
  /** In what the recipe departs from what it reproduces. */
  readonly departures: readonly string[];
  /** Kept share by weight, as the paper has it; null if none does. */
  readonly publishedDensities: Readonly<Record<string, number>> | null;
  /** Of the final network's file. */
  readonly sizes: {
    readonly originalBytes: number;
    readonly fileBytes: number;
    readonly ratio: number;
    /** The same, compressed weights as uint8 through gzip -9 and brotli -11. */
    readonly uint8GzipBytes: number;
    readonly uint8BrotliBytes: number;
    /** The dense reference as uint8 through brotli -11: what its owner has for free today. */
    readonly denseUint8BrotliBytes: number;
    readonly headerBytes: number;
    readonly parts: readonly {
      readonly name: string;
      readonly codec: string;
      readonly bytes: number;
      readonly bytesByStream: Readonly<Record<string, number>>;
    }[];
  };
  /** The networks on the way, each encoded and decoded before it was measured. */
  readonly phases: readonly PhaseResult[];
  /** Name of the phase whose network is the final one. */
  readonly final: string;
  /** Top-1, on the test images: of the dense reference and of the final file. */
  readonly accuracy: { readonly before: number; readonly after: number };
  /** How often this recipe, in this mode with this seed, has been judged on the test images, this time included. */
  readonly judged: number;
}

export interface PhaseResult {
  readonly phase: string;
  /** On the training examples held back for every choice. */
  readonly validationError: number;
  /** Null unless the phase is the dense reference, the final one, or that of a claim: no other is judged. */
  readonly testError: number | null;
  readonly fileBytes: number;
  readonly keptKernelWeights: number;
  /** Bytes are a layer's share of its record: a fraction where several share one arithmetic code. */
  readonly layers: readonly (LayerSize & { readonly bytes: number })[];
}
