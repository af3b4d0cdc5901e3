import { expectList, expectObject, expectText, expectWhole, own } from './json.ts';

/** Calls are looked for within arguments to this depth. */
const DEEPEST = 16;

/** A layer's call: whose outputs it takes. */
export type Call = readonly (readonly [layer: string, node: number, output: number])[];

/** Lists of `[layer, node, output]`; a single one may stand by itself. */
export function endsOf(ends: unknown, what: string): [string, number, number][] {
  const list = expectList(ends ?? [], `modelTopology.config.${what}`);
  return (typeof list[0] === 'string' ? [list] : list).map((end, i) =>
    endOf(end, `modelTopology.config.${what}[${i}]`),
  );
}

function endOf(end: unknown, where: string): [string, number, number] {
  const [name, node, output] = expectList(end, where);
  return [expectText(name, where), expectWhole(node ?? 0, where), expectWhole(output ?? 0, where)];
}

/** One call: in Keras 2 a list of `[layer, node, output, arguments]`, in Keras 3 tensors somewhere within `args`. */
export function callOf(node: unknown, where: string): Call {
  if (Array.isArray(node))
    return (typeof node[0] === 'string' ? [node] : node).map((end: unknown) => endOf(end, where));
  const found: [string, number, number][] = [];
  const search = (value: unknown, depth: number): void => {
    if (depth > DEEPEST) return;
    const history = own(own(value, 'config'), 'keras_history');
    if (history !== undefined) found.push(endOf(history, where));
    else if (Array.isArray(value)) for (const item of value) search(item, depth + 1);
  };
  search(expectObject(node, where).args, 0);
  return found;
}

/** A model within a model counts its own making as its first call. */
export const callIndex = (entry: { readonly calls: readonly Call[] } | undefined, node: number): number =>
  entry && node > 0 && node === entry.calls.length ? node - 1 : node;

/** Every call of every layer, after those whose results it takes. Calls in circles come where the circle is entered. */
export function* inOrder(
  entries: ReadonlyMap<string, { readonly calls: readonly Call[] }>,
): Generator<[string, number]> {
  const seen = new Map<string, Set<number>>();
  const enter = (name: string, node: number): boolean => {
    const nodes = seen.get(name) ?? new Set();
    seen.set(name, nodes);
    return !nodes.has(node) && !!nodes.add(node);
  };
  for (const [start, { calls }] of entries) {
    for (let call = 0; call < Math.max(1, calls.length); call++) {
      if (!enter(start, call)) continue;
      const stack: { name: string; node: number; next: number }[] = [{ name: start, node: call, next: 0 }];
      for (let top = stack.at(-1); top; top = stack.at(-1)) {
        const source = entries.get(top.name)!.calls[top.node]?.[top.next++];
        if (!source) {
          stack.pop();
          yield [top.name, top.node];
          continue;
        }
        const [name, node] = source;
        const index = callIndex(entries.get(name), node);
        if (entries.has(name) && enter(name, index)) stack.push({ name, node: index, next: 0 });
      }
    }
  }
}
