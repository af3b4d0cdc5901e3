import { readFileSync } from 'node:fs';
import { crc32, gunzipSync } from 'node:zlib';
import { checkModel, type Exporter, type Importer } from '../../../packages/core/src/index.ts';
import { importers as all, exporters, memorySource } from '../../../packages/interop/src/index.ts';
import { han2016 } from '../../../packages/plugin-han2016/src/index.ts';
import { NET_FILE, NET_LAYERS } from '../../../packages/plugin-han2016/test/_net-file.ts';
import { smallNetwork } from '../../../packages/testkit/src/models.ts';
import { defineTarget, type Seed, type Target } from '../target.ts';
import { bare } from './_files.ts';
import { GRAPH_FILES, LAYERS_FILES } from './_tfjs-files.ts';

type Files = Readonly<Record<string, Uint8Array>>;

/** Which file of a model is damaged, and the others. */
interface Told {
  readonly files: Files;
  readonly damaged: string;
}

const importer = (
  importer: Importer,
  weight: number,
  samples: () => readonly Files[] | Promise<readonly Files[]>,
  repair?: Target['repair'],
): Target =>
  defineTarget<Told>({
    name: importer.id,
    weight,
    mostBytes: 2 ** 27, // deflate makes up to 1032 bytes of one; inputs have up to 2^17
    async seeds() {
      return (await samples()).flatMap((files, i) =>
        Object.entries(files).map(
          ([damaged, bytes]): Seed<Told> => ({ what: `${damaged} of sample ${i}`, bytes, told: { files, damaged } }),
        ),
      );
    },
    async read(bytes, { files, damaged }) {
      const source = memorySource(new Map(Object.entries({ ...files, [damaged]: bytes })));
      importer.recognizes(source);
      const { model, notes } = await importer.read(source);
      checkModel(model);
      return [model, notes];
    },
    ...(repair && { repair }),
  });

const vectorFile = (path: string): URL => new URL(`../../../packages/interop/test/vectors/${path}`, import.meta.url);
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function vectors(name: string, extension: string): Files[] {
  const { files } = JSON.parse(readFileSync(vectorFile(`${name}.json`), 'utf8')) as { files: Record<string, string> };
  return Object.entries(files).map(([file, text]) => ({ [`${file}.${extension}`]: base64(text) }));
}

const kerasFile = (name: string): Files => ({
  [name]: new Uint8Array(gunzipSync(readFileSync(vectorFile(`keras/${name}.gz`)))),
});

function onnxVectors(): Files[] {
  const { cases } = JSON.parse(readFileSync(vectorFile('onnx.json'), 'utf8')) as {
    cases: Record<string, { readonly model: string; readonly data?: string }>;
  };
  return Object.values(cases).map(({ model }) => ({ 'model.onnx': base64(model) }));
}

/** What our own exporter makes of a network and of weights with hostile names. */
async function exported(exporter: string): Promise<Files[]> {
  const { write } = exporters.find(({ id }: Exporter) => id === exporter)!;
  const made: Files[] = [];
  for (const model of [smallNetwork(), smallNetwork({ kind: 'shared' }), bare(2)]) {
    try {
      made.push(Object.fromEntries((await write(model, 'model')).files));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // not every format holds weights alone
    }
  }
  return made;
}

const PROTOTXT = `name: "tiny" input: "data" input_dim: 1 input_dim: 1 input_dim: 4 input_dim: 4
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "ip1" type: "InnerProduct" bottom: "conv1" top: "ip1" inner_product_param { num_output: 3 } }
layer { name: "prob" type: "Softmax" bottom: "ip1" top: "prob" }`;

/** Makes the checksums in the directory of a zip file right, of the files that are stored as they are. */
function repairZip(damaged: Uint8Array): Uint8Array {
  const bytes = damaged.slice();
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const local = view.getUint32(at + 42, true);
    if (local + 30 > bytes.length) continue;
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const end = start + view.getUint32(at + 20, true);
    if (view.getUint16(at + 10, true) === 0 && end <= bytes.length) {
      view.setUint32(at + 16, crc32(bytes.subarray(start, end)), true);
    }
  }
  return bytes;
}

const of = (id: string): Importer => all.find((importer) => importer.id === id)!;

export const importers: readonly Target[] = [
  importer(of('safetensors'), 4, () => exported('safetensors')),
  importer(of('npz'), 4, async () => [...vectors('numpy', 'npz'), ...(await exported('npz'))], repairZip),
  importer(of('onnx'), 5, async () => [...onnxVectors(), ...(await exported('onnx'))]),
  importer(of('caffe'), 5, () => {
    const models = vectors('caffe', 'caffemodel');
    return [
      ...models,
      { 'tiny.prototxt': new TextEncoder().encode(PROTOTXT), 'tiny.caffemodel': Object.values(models[0]!)[0]! },
    ];
  }),
  importer(of('tfjs-layers'), 4, async () => [LAYERS_FILES, ...(await exported('tfjs'))]),
  importer(of('tfjs-graph'), 4, () => [GRAPH_FILES]),
  importer(of('keras-h5'), 3, () => [kerasFile('cnn.h5'), kerasFile('nested.h5'), kerasFile('cnn.weights.h5')]),
  importer(of('keras'), 2, () => [kerasFile('cnn.keras'), kerasFile('nested.keras')], repairZip),
  importer(han2016(NET_LAYERS), 4, () => [{ 'small.net': NET_FILE }]),
];
