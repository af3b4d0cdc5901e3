import { type Conv2dLayer, CorruptDataError, elementCount, type Workload } from '@pare/core';
import { geometryOf } from './geometry.ts';

/** The numbers of a line, in their order. */
const COLUMNS = [
  'layer index',
  'input height',
  'input width',
  'input channels',
  'input maps',
  'input zeros',
  'input bits',
  'filter height',
  'filter width',
  'filter channels',
  'filters',
  'filter zeros',
  'filter bits',
  'output height',
  'output width',
  'output channels',
  'output maps',
  'output zeros',
  'output bits',
  'stride y',
  'stride x',
  'padding top',
  'padding bottom',
  'padding left',
  'padding right',
] as const;

const LARGEST_TABLE = 100_000; // layers
const LARGEST_EXTENT = 2 ** 31; // of anything but counts of zeros, which are of all maps of a batch

/**
 * Writes layers in the format of the energy estimation tool of MIT: a line a layer, 25 numbers with commas between, dense layers as
 * convolutions with a filter as large as the map. Zeros are counted: of all maps of the batch, and of all filters.
 *
 * @throws RangeError naming the layer if it has no kernel, is impossible, is dilated, or has bits that are not whole
 * @example
 * writeLayerTable([]) // ''
 * @see energyestimation.mit.edu, the format of its input
 */
export function writeLayerTable(works: readonly Workload[]): string {
  return works.map((work, i) => `${lineOf(work, i + 1).join(',')}\n`).join('');
}

function lineOf(work: Workload, index: number): readonly number[] {
  const { layer, batch, weightDensity, weightBits, inputDensity, outputDensity, activationBits } = work;
  const geometry = geometryOf({ ...work, batch: Math.max(1, batch), weightDensity: weightDensity || 1 });
  if (!geometry) throw new RangeError(`writeLayerTable: layer "${layer.name}" has no kernel: leave it out`);
  const { M, C, R, S, E, F, G } = geometry;
  const [stride, padding, dilation] =
    layer.kind === 'conv2d'
      ? [layer.stride, layer.padding, layer.dilation]
      : [
          [1, 1],
          [0, 0, 0, 0],
        ];
  if (dilation?.some((step) => step !== 1)) {
    throw new RangeError(`writeLayerTable: layer "${layer.name}" is dilated, which the format cannot say`);
  }
  for (const [name, bits] of Object.entries({ weightBits, activationBits })) {
    if (!Number.isInteger(bits)) {
      throw new RangeError(
        `writeLayerTable: layer "${layer.name}": "${name}" expected a whole number, as the format has no other, got ${bits}`,
      );
    }
  }
  const [top, bottom, left, right] = padding as readonly [number, number, number, number];
  const zeros = (count: number, density: number) => Math.round(count * (1 - density));
  return [
    index,
    ...[geometry.H - top - bottom, geometry.W - left - right, C, batch],
    ...[zeros(geometry.inputs * batch, inputDensity), activationBits],
    ...[R, S, C / G, M, zeros(geometry.weights, weightDensity), weightBits],
    ...[E, F, M, batch, zeros(geometry.outputs * batch, outputDensity), activationBits],
    ...[stride![0]!, stride![1]!, top, bottom, left, right],
  ];
}

/**
 * Reads layers in the format that `writeLayerTable` writes. Layers are named `layer1` and so on; groups follow from filters that
 * have fewer channels than the input. Empty lines and lines that begin with # are passed over.
 *
 * @throws CorruptDataError telling the line, the column and what is wrong with it
 * @example
 * const line = '1,5,5,4,1,50,16,3,3,4,8,0,8,3,3,8,1,0,16,1,1,0,0,0,0';
 * const [work] = readLayerTable(line);
 * [work.layer.outputShape, work.inputDensity, work.weightBits] // [[8, 3, 3], 0.5, 8]
 */
export function readLayerTable(text: string): Workload[] {
  const works: Workload[] = [];
  let byte = 0;
  for (const [before, line] of text.split('\n').entries()) {
    if (line.trim() !== '' && !line.trimStart().startsWith('#')) {
      if (works.length === LARGEST_TABLE)
        throw new CorruptDataError('limit', byte, `more than ${LARGEST_TABLE} layers`);
      works.push(workOf(line, works.length + 1, { number: before + 1, byte }));
    }
    byte += new TextEncoder().encode(line).length + 1;
  }
  return works;
}

/** Where a line stands, for messages. */
interface Place {
  /** From 1. */
  readonly number: number;
  readonly byte: number;
}

function workOf(line: string, index: number, { number: lineNumber, byte }: Place): Workload {
  const name = `layer${index}`;
  const refuse = (what: string): never => {
    throw new CorruptDataError('layer-table', byte, `line ${lineNumber}: ${what}`);
  };
  const words = line.split(',');
  if (words.length !== COLUMNS.length) refuse(`expected ${COLUMNS.length} numbers, got ${words.length}`);
  const numbers = words.map((word, i) => {
    const number = word.trim() === '' ? Number.NaN : Number(word);
    const [most, said] = COLUMNS[i]!.endsWith('zeros')
      ? [Number.MAX_SAFE_INTEGER, '2^53 − 1']
      : [LARGEST_EXTENT, '2^31'];
    if (!Number.isSafeInteger(number) || number < 0 || number > most) {
      refuse(`"${COLUMNS[i]}" expected a whole number 0 … ${said}, got "${word.trim()}"`);
    }
    return number;
  });
  const [given, H, W, C, batch, inputZeros, inputBits, R, S, depth, M, filterZeros, weightBits] = numbers as Exact13;
  const [E, F, outputChannels, outputMaps, outputZeros, outputBits, strideY, strideX] = numbers.slice(13) as Exact8;
  const [top, bottom, left, right] = numbers.slice(21) as [number, number, number, number];
  if (given !== index) refuse(`"layer index" expected ${index}, got ${given}`);
  if (depth === 0 || C % depth) refuse(`"filter channels" expected a divisor of ${C} input channels, got ${depth}`);
  if (outputChannels !== M) refuse(`"output channels" expected ${M} filters, got ${outputChannels}`);
  if (outputMaps !== batch) refuse(`"output maps" expected ${batch} as of the input, got ${outputMaps}`);
  if (outputBits !== inputBits) refuse(`"output bits" expected ${inputBits} as of the input, got ${outputBits}`);
  const density = (zeros: number, count: number, what: string): number => {
    if (zeros > count) refuse(`"${what}" expected at most ${count}, got ${zeros}`);
    return count === 0 ? 1 : 1 - zeros / count;
  };
  const layer: Conv2dLayer = {
    kind: 'conv2d',
    name,
    inputs: [],
    outputShape: [M, E, F],
    kernel: `${name}/kernel`,
    filters: M,
    kernelSize: [R, S],
    stride: [strideY, strideX],
    padding: [top, bottom, left, right],
    groups: C / depth,
  };
  const work: Workload = {
    layer,
    inputShape: [C, H, W],
    batch,
    weightDensity: density(filterZeros, elementCount([M, depth, R, S]), 'filter zeros'),
    weightBits,
    inputDensity: density(inputZeros, elementCount([batch, C, H, W]), 'input zeros'),
    outputDensity: density(outputZeros, elementCount([batch, M, E, F]), 'output zeros'),
    activationBits: inputBits,
  };
  try {
    geometryOf(work);
  } catch (cause) {
    throw new CorruptDataError('layer-table', byte, `line ${lineNumber}: ${(cause as Error).message}`, { cause });
  }
  return work;
}

type Exact8 = [number, number, number, number, number, number, number, number];
type Exact13 = [...Exact8, number, number, number, number, number];
