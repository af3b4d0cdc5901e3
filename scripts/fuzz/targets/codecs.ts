import { type Encoder, elementCount, type Form, type Shape, seededRandom } from '../../../packages/core/src/index.ts';
import { streams } from '../../../packages/format/src/decode.ts';
import { adaptive, encodersFor, type TracingDecoder } from '../../../packages/format/src/index.ts';
import { adaptiveWasm, streamsWasm } from '../../../packages/format/src/wasm.ts';
import { sharedForm } from '../../../packages/format/test/_models.ts';
import { difference } from '../../../packages/testkit/src/same.ts';
import { defineTarget, demand, type Seed, type Target, Violation } from '../target.ts';

const MOST_CODEBOOK = 300;

/** What a header says of a record. */
interface Told {
  readonly shapes: readonly Shape[];
}

const codec = (name: string, weight: number, decoder: TracingDecoder, twin?: TracingDecoder): Target =>
  defineTarget<Told>({
    name,
    weight,
    mostBytes: 2 ** 25,
    seeds: () => seedsOf(decoder.id),
    read(bytes, { shapes }, random) {
      const options = { maxCodebook: MOST_CODEBOOK };
      if (decoder.decodeDense && random.integer(4) === 0) {
        return decoder.decodeDense(bytes, shapes, (i) => new Float32Array(elementCount(shapes[i]!)), options);
      }
      const forms = attempt(() => decodeGroup(decoder, bytes, shapes, options));
      if (twin) {
        const others = attempt(() => decodeGroup(twin, bytes, shapes, options));
        demand('error' in forms === 'error' in others, 'is read by one twin and refused by the other');
        if ('error' in others) throw others.error;
        const differs = difference((forms as { forms: Form[] }).forms, others.forms, 'forms');
        demand(differs === undefined, `is read differently by the twins: ${differs}`);
      }
      if ('error' in forms) throw forms.error;
      return forms.forms;
    },
  });

function decodeGroup(
  decoder: TracingDecoder,
  bytes: Uint8Array,
  shapes: readonly Shape[],
  options: { readonly maxCodebook: number },
): Form[] {
  const forms =
    shapes.length > 1 ? decoder.decodeGroup!(bytes, shapes, options) : [decoder.decode(bytes, shapes[0]!, options)];
  for (const [i, form] of forms.entries()) expectForm(form, elementCount(shapes[i]!));
  return forms;
}

export function expectForm(form: Form, count: number): void {
  const numbers = form.kind === 'shared' ? form.indices.length : form.values.length;
  demand(numbers === count, `gives ${numbers} numbers instead of ${count}`);
  if (form.kind !== 'dense') demand(form.mask.length === count, `gives a mask of ${form.mask.length} for ${count}`);
  if (form.kind !== 'shared') return;
  demand(form.codebook.length <= MOST_CODEBOOK, `gives a codebook of ${form.codebook.length}`);
  demand(
    form.indices.every((index, i) => form.mask[i] === 0 || index < form.codebook.length),
    'gives an index beyond the codebook',
  );
}

function attempt(decode: () => Form[]): { readonly forms: Form[] } | { readonly error: unknown } {
  try {
    return { forms: decode() };
  } catch (error) {
    if (error instanceof Violation) throw error;
    return { error };
  }
}

const SHAPES: readonly Shape[] = [[7], [10, 30], [6, 3, 3, 3], [1]];

/** Records of every form, dense and sparse, with codebooks that are even and ones that are not. */
function seedsOf(id: string): Seed<Told>[] {
  const random = seededRandom(11);
  const forms = SHAPES.flatMap((shape): { readonly what: string; readonly shape: Shape; readonly form: Form }[] => {
    const numbers = Float32Array.from({ length: elementCount(shape) }, () => random.normal());
    const mask = Uint8Array.from(numbers, (number) => (Math.abs(number) > 1 ? 1 : 0));
    const shared = sharedForm(random, shape, 0.3, 16);
    const even = { ...shared, codebook: Float32Array.from({ length: 16 }, (_, i) => (i - 8) / 64) };
    return [
      { what: 'dense', shape, form: { kind: 'dense', values: numbers } },
      {
        what: 'dense, halves',
        shape,
        form: { kind: 'dense', values: numbers.map((number) => Math.round(number * 64) / 64) },
      },
      { what: 'masked', shape, form: { kind: 'masked', values: numbers.map((number, i) => number * mask[i]!), mask } },
      { what: 'shared', shape, form: shared },
      { what: 'shared, even steps', shape, form: even },
      { what: 'shared, full', shape, form: sharedForm(random, shape, 2, 200) },
    ];
  });
  const encoders = [...encodersFor.small, ...encodersFor.huffman].filter((encoder) => encoder.id === id);
  const seeds = forms.flatMap(({ what, shape, form }) =>
    encoders.flatMap((encoder: Encoder): Seed<Told>[] =>
      encoder.kind === form.kind
        ? [{ what: `${what} [${shape}]`, bytes: encoder.encode(form, shape), told: { shapes: [shape] } }]
        : [],
    ),
  );
  const [first] = encoders as { encodeGroup?: (items: typeof forms) => Uint8Array }[];
  const group = forms.filter(({ form }) => form.kind === 'shared').slice(0, 4);
  if (!first?.encodeGroup) return seeds;
  return [
    ...seeds,
    { what: 'four together', bytes: first.encodeGroup(group), told: { shapes: group.map(({ shape }) => shape) } },
  ];
}

export const codecs: readonly Target[] = [
  codec('streams', 12, streams),
  codec('streams-wasm', 3, streams, streamsWasm),
  codec('adaptive', 10, adaptive),
  codec('adaptive-wasm', 3, adaptive, adaptiveWasm),
];
