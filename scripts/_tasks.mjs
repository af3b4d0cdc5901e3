import assert from 'node:assert/strict';

/**
 * One tiny real task for each package, done with what a user has installed.
 *
 * @type {Record<string, (exports: any, load: (name: string) => Promise<any>) => unknown>} `load` imports or requires others
 */
export const tasks = {
  '@pare/core'({ seededRandom }) {
    assert.equal(seededRandom(1).fork('conv1').uint32(), seededRandom(1).fork('conv1').uint32());
  },
  '@pare/pruning'({ magnitudeMask }) {
    assert.deepEqual([...magnitudeMask(Float32Array.of(0.1, -3, 2, 0), { keep: 0.5 })], [0, 1, 1, 0]);
  },
  '@pare/quantization'({ shareValues }) {
    const { codebook, indices } = shareValues(Float32Array.of(1, 1, 4, 4), undefined, { bits: 1 });
    assert.deepEqual(
      [...indices].map((index) => codebook[index]),
      [1, 1, 4, 4],
    );
  },
  async '@pare/huffman'({ encodeHuffman }, load) {
    const { decodeHuffman } = await load('@pare/huffman/decode');
    const symbols = Uint8Array.of(3, 1, 1);
    assert.deepEqual(decodeHuffman(encodeHuffman(symbols, 4), 3, 4), symbols);
  },
  '@pare/architectures'({ lenet300, layerTable }) {
    assert.deepEqual(
      layerTable(lenet300())
        .map((row) => row.weights)
        .filter(Boolean),
      [235200, 30000, 1000],
    );
  },
  '@pare/images'({ resizeImage }) {
    const two = { width: 2, height: 1, channels: 3, data: Uint8Array.of(0, 0, 0, 100, 100, 100) };
    assert.deepEqual([...resizeImage(two, { width: 1, height: 1 }).data], [50, 50, 50]);
  },
  '@pare/hardware'({ drawnColumns, simulateEie }) {
    const layer = { rows: 8, columns: 8, weightDensity: 1, activationDensity: 1 };
    assert.equal(simulateEie(drawnColumns(layer, { peCount: 4 })).entries, 64);
  },
  async '@pare/format'({ encodeModel }, load) {
    const { decodeModel } = await load('@pare/format/decode');
    const model = await tinyModel(load);
    const decoded = decodeModel(encodeModel(model, { coding: 'fast' }));
    assert.deepEqual(decoded.weights, model.weights);
  },
  async '@pare/rans'({ encodeRans }, load) {
    const { decodeRans } = await load('@pare/rans/decode');
    const symbols = Uint8Array.of(3, 1, 1, 0);
    assert.deepEqual(decodeRans(encodeRans(symbols, 4), 4, 4, new Uint8Array(4)), symbols);
  },
  '@pare/rate-distortion'({ levelsToShared, toLevels }) {
    const { levels, step } = toLevels(Float32Array.of(0.9, -2.1, 0.1), { step: 1, slope: 0 });
    assert.deepEqual([...levels], [1, -2, 0]);
    assert.deepEqual([...levelsToShared({ levels, step }).mask], [1, 1, 0]);
  },
  '@pare/sparse-kernels'({ createKernels, prepareProduct }) {
    const kernels = createKernels();
    const form = { kind: 'dense', values: Float32Array.of(1, 2, 0, -3) };
    const layer = prepareProduct(kernels, form, 2, 2, { kernel: 'bucketed-rows', least: 0 });
    const [x, y] = [kernels.place(Float32Array.of(1, 10)), kernels.allocate(8)];
    layer.run(x, y, kernels.allocate(layer.scratchBytes));
    assert.deepEqual([...kernels.float32(y, 2)], [21, 0]);
  },
  async '@pare/compress'({ compressModel }, load) {
    const { decodeModel } = await load('@pare/format');
    const { bytes } = await compressModel(await tinyModel(load), { bits: 6 });
    assert.equal(decodeModel(bytes).weights.length, 2);
  },
  async '@pare/runtime'({ createRuntime }, load) {
    const runtime = createRuntime(await tinyModel(load));
    const [first, second] = runtime.runSync(new Float32Array(16).fill(1));
    assert.ok(Number.isFinite(first) && first !== second);
    runtime.dispose();
    await runWithThreads(load);
  },
  async '@pare/interop'({ importModel, memorySource, safetensorsExporter }, load) {
    const { files } = await safetensorsExporter.write(await tinyModel(load), 'tiny');
    const { model } = await importModel(memorySource(files));
    assert.deepEqual(
      model.weights.map(({ name }) => name),
      ['ip1/kernel', 'ip1/bias'],
    );
  },
  async '@pare/plugin-han2016'({ readNet }, load) {
    const { sequence } = await load('@pare/architectures');
    // One weight that stays, of six: a count, 256 numbers of a codebook, two biases, a code and its gap.
    const file = Uint8Array.of(1, 0, 0, 0, ...new Uint8Array(4 * 256 + 4 * 2), 9, 3);
    const [kernel] = readNet(file, sequence([3], [{ kind: 'dense', name: 'ip', units: 2 }])).weights;
    assert.deepEqual([...kernel.form.indices], [0, 0, 0, 9, 0, 0]);
  },
  '@pare/plugin-low-rank'({ lowRankFactors }) {
    const { left, right } = lowRankFactors(Float32Array.of(1, 2, 2, 4), 2, 2, 1);
    assert.ok(Math.abs(left[1] * right[1] - 4) < 1e-5);
  },
  '@pare/plugin-energy-aware'({ keepJointly }) {
    const alike = [1, 1, 0, 1, 1, 0, 0, 0, 1];
    assert.deepEqual([...keepJointly(alike, [2, -2, 0.5], 1, { byMagnitude: 0 })], [0, 0, 1]);
  },
  async '@pare/cli'({ main }) {
    let help = '';
    assert.equal(await main(['--help'], { stdout: { write: (text) => (help += text) } }), 0);
    assert.match(help, /pare compress model\.json/);
    let cost = '';
    const words = ['cost', 'lenet-5', '--hardware', 'eie', '--json', '--no-config'];
    assert.equal(await main(words, { stdout: { write: (text) => (cost += text) } }), 0);
    assert.ok(JSON.parse(cost).hardware[0].before.energyPj > 0);
  },
  '@pare/vite-plugin'({ pare }) {
    assert.match(pare().name, /pare/);
  },
  async '@pare/tfjs'({ startWasm }, load) {
    const { buildLayersModel } = await load('@pare/tfjs/layers');
    const { seededRandom } = await load('@pare/core');
    const { initialize, lenet300 } = await load('@pare/architectures');
    await startWasm();
    const built = buildLayersModel(initialize(lenet300(), seededRandom(1)));
    assert.equal(built.countParams(), 266_610);
  },
  'create-pare-plugin'({ createPlugin }) {
    assert.match(createPlugin('my-thing', 'stage').get('package.json'), /"pare-plugin-my-thing"/);
  },
  async '@pare/testkit'({ parametrizationContract }, load) {
    const { denseParametrization } = await load('@pare/core');
    const cases = parametrizationContract(denseParametrization, { runs: 5 });
    for (const { check } of cases) await check();
    assert.ok(cases.length > 5);
  },
};

async function tinyModel(load) {
  const { seededRandom } = await load('@pare/core');
  const { initialize, sequence } = await load('@pare/architectures');
  return initialize(sequence([1, 4, 4], [{ kind: 'dense', name: 'ip1', units: 2 }]), seededRandom(1));
}

/** Layers that are large enough for two threads must come out as with one. */
async function runWithThreads(load) {
  const { createRuntime } = await load('@pare/runtime');
  const { threads } = await load('@pare/runtime/threads');
  const { seededRandom } = await load('@pare/core');
  const { initialize, sequence } = await load('@pare/architectures');
  const layers = sequence([16, 48, 48], [{ kind: 'conv2d', name: 'conv', filters: 64, kernelSize: 3, padding: 1 }]);
  const model = initialize(layers, seededRandom(1));
  const input = Float32Array.from({ length: 16 * 48 * 48 }, (_, i) => Math.sin(i));
  const [alone, together] = [createRuntime(model), createRuntime(model, { threads: threads(2) })];
  await together.warmUp();
  assert.equal(together.threads, globalThis.crossOriginIsolated === false ? 1 : 2);
  assert.deepEqual(together.runSync(input), alone.runSync(input));
  together.dispose();
}
