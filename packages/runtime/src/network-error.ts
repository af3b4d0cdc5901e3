/** What is wrong with a network, for programs. */
export type NetworkErrorCode =
  /** Two layers have one name. */
  | 'duplicate-layer'
  /** A layer takes what no layer makes. */
  | 'missing-layer'
  /** Layers wait for each other. */
  | 'cycle'
  /** There is no input layer, or more than one that counts; or a layer takes too few or too many inputs. */
  | 'inputs'
  /** A layer of a kind that cannot be run. */
  | 'unknown-kind'
  /** A layer's shape does not follow from its inputs', or its settings make no sense. */
  | 'shape'
  | 'missing-weight'
  /** Two weights have one name. */
  | 'duplicate-weight'
  /** A weight is not as large as its layer wants it, or has not as many numbers as it says. */
  | 'weight-shape'
  /** A number that is not finite: in a weight, or in what is given to `run`; or that a codebook does not have. */
  | 'not-finite';

/** A network that cannot be run, found before anything runs. The message names the layer, what was expected and what came. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkErrorCode;
  /** Name of the layer at fault; empty if it is the network as a whole. */
  readonly layer: string;

  constructor(code: NetworkErrorCode, layer: string, message: string, options?: ErrorOptions) {
    super(layer === '' ? message : `layer "${layer}": ${message}`, options);
    this.code = code;
    this.layer = layer;
  }
}
