import type { ActivationLayer } from '@pare/core';
import { floatOf } from './attributes.ts';
import type { NodeProto } from './schema.ts';

/** Activations that ONNX writes as two nodes. */
export interface GatedActivations {
  /** By the product that ends it, what both make together. */
  readonly made: ReadonlyMap<NodeProto, Pick<ActivationLayer, 'function'>>;
  /** The nodes before these products, of which nothing is left to read. */
  readonly gates: ReadonlySet<NodeProto>;
}

/**
 * Finds x · sigmoid(x) and x · hardSigmoid(x), where nothing else takes the second factor.
 *
 * @param users - how many nodes take what has a name
 */
export function gatedActivations(nodes: readonly NodeProto[], users: ReadonlyMap<string, number>): GatedActivations {
  const makers = new Map(nodes.flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)));
  const made = new Map<NodeProto, Pick<ActivationLayer, 'function'>>();
  const gates = new Set<NodeProto>();
  for (const node of nodes) {
    const [a = '', b = ''] = node.input ?? [];
    if (node.op_type !== 'Mul' || a === b) continue;
    for (const [x, y] of [
      [a, b],
      [b, a],
    ] as const) {
      const gate = makers.get(y);
      if (gate?.input?.[0] !== x || users.get(y) !== 1) continue;
      const name = gatedBy(gate);
      if (!name) continue;
      made.set(node, { function: name });
      gates.add(gate);
      break;
    }
  }
  return { made, gates };
}

function gatedBy(gate: NodeProto): 'swish' | 'hardSwish' | undefined {
  if (gate.op_type === 'Sigmoid') return 'swish';
  const isSixth = Math.abs(floatOf(gate, 'alpha', 0.2) - 1 / 6) < 1e-6 && floatOf(gate, 'beta', 0.5) === 0.5;
  return gate.op_type === 'HardSigmoid' && isSixth ? 'hardSwish' : undefined;
}
