import { type Model, seededRandom, type Weight } from '../../../packages/core/src/index.ts';
import { encodeModel } from '../../../packages/format/src/index.ts';
import { smallNetwork } from '../../../packages/testkit/src/models.ts';

const KINDS = ['dense', 'masked', 'shared'] as const;
const CODINGS = ['small', 'fast', 'huffman'] as const;

/** Names that make trouble where objects are maps. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

/** JSON, so that `__proto__` is a key like any other. */
const TOPOLOGY: unknown = JSON.parse(
  '{"__proto__":{"polluted":true},"class_name":"Model","config":{"constructor":{"prototype":{"polluted":1}},"layers":[1,-2.5,null,"ä"]}}',
);

/** Small files of all codings and forms, with everything a header can say. */
export function smallFiles(): readonly { readonly what: string; readonly bytes: Uint8Array }[] {
  const files = KINDS.flatMap((kind) =>
    CODINGS.map((coding) => ({
      what: `${kind}, ${coding}`,
      bytes: encodeModel(smallNetwork({ kind, hidden: 9 }), { coding }),
    })),
  );
  const decorated = (coding: (typeof CODINGS)[number]): Uint8Array =>
    encodeModel(
      {
        ...smallNetwork({ kind: 'shared', seed: 2 }),
        topology: TOPOLOGY,
        metadata: JSON.parse('{"__proto__":{"polluted":1},"author":"x"}'),
        labels: ['cat', '__proto__', 'dog'],
        history: [
          { stage: 'prune', seed: 1, options: JSON.parse('{"__proto__":{"a":1}}') },
        ] as unknown as Model['history'],
      },
      { coding, history: true, recordBytes: 64 },
    );
  return [
    ...files,
    { what: 'everything in the header', bytes: decorated('small') },
    { what: 'everything in the header, fast', bytes: decorated('fast') },
    { what: 'hostile names', bytes: encodeModel(bare(8), { coding: 'fast', recordBytes: 1 }) },
    {
      what: 'float16',
      bytes: encodeModel(smallNetwork({ kind: 'shared' }), { codebooks: 'float16', biases: 'float16' }),
    },
    { what: 'zeros', bytes: bomb(8000) },
    { what: 'more zeros than allowed', bytes: bomb(100_000) },
    { what: 'empty', bytes: encodeModel({ layers: [], weights: [], history: [] }) },
  ];
}

/** A file of some dozen bytes that honestly says that it holds `count` numbers: zeros, all of them. */
export function bomb(count: number): Uint8Array {
  const form = { kind: 'masked', values: new Float32Array(count), mask: new Uint8Array(count) } as const;
  return encodeModel({ layers: [], weights: [{ name: 'w', shape: [count], form }], history: [] }, { coding: 'fast' });
}

/** Weights alone, with names that objects already have. */
export function bare(count: number): Model {
  const random = seededRandom(7);
  const weights = NAMES.map(
    (name): Weight => ({
      name,
      shape: [count, 3],
      form: { kind: 'dense', values: Float32Array.from({ length: 3 * count }, () => random.normal()) },
    }),
  );
  return { layers: [], weights, history: [] };
}
