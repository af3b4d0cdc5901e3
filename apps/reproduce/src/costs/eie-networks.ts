import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lenet5, lenet300, withWeights } from '@pare/architectures';
import type { Model } from '@pare/core';
import { decodeModel } from '@pare/format';
import { countColumns, drawnColumns, type EieRun, eie, modelWorkloads, networkCost, simulateEie } from '@pare/hardware';
import { importModel, openSource, safetensors } from '@pare/interop';
import { magnitudeMask } from '@pare/pruning';
import { readProductQuantized } from '../alexnet/product-quantized.ts';
import type { DataFolder } from '../data/data-folder.ts';
import { loadNetwork } from '../data/networks.ts';
import { OUT } from '../places.ts';

/** A real matrix on EIE. */
export interface RealLayer {
  readonly name: string;
  readonly density: number;
  readonly run: EieRun;
}

/**
 * fc7 and fc8 of a real AlexNet, pruned by magnitude to the densities of the paper, for inputs of which as many are active as
 * there, at places drawn by chance.
 */
export function realAlexnetLayers(folder: DataFolder, seed: number): readonly RealLayer[] {
  return [
    { name: 'fc7', keep: 0.09, activationDensity: 0.353 },
    { name: 'fc8', keep: 0.25, activationDensity: 0.375 },
  ].map(({ name, keep, activationDensity }) => {
    const [kernel] = readProductQuantized(join(folder.path, 'alexnet-pq'), [name]);
    const form = kernel!.form;
    if (form.kind !== 'dense') throw new Error(`bug: ${name} is ${form.kind}`);
    const [rows, columns] = kernel!.shape as [number, number];
    const mask = magnitudeMask(form.values, { keep });
    const active = new Set(drawnColumns({ rows: 0, columns, weightDensity: 1, activationDensity, seed }).active);
    const counted = countColumns(
      rows,
      columns,
      (column) => active.has(column),
      (column) => (row) => mask[row * columns + column] === 1,
      {},
      true,
    );
    return { name, density: mask.reduce((sum, bit) => sum + bit, 0) / mask.length, run: simulateEie(counted) };
  });
}

/** A whole network on EIE, dense and as it is. */
export interface NetworkOnEie {
  readonly name: string;
  readonly density: number;
  readonly denseUs: number;
  readonly us: number;
  readonly microjoules: number;
}

/** Every compressed network at hand: those of others among the data, and the files that earlier runs of recipes have left. */
export async function compressedNetworks(folder: DataFolder): Promise<readonly NetworkOnEie[]> {
  const lenet = async (file: string, layers: Model['layers'], title: string): Promise<Model> => {
    const bytes = readFileSync(join(folder.path, 'lenet', file));
    const { model } = await importModel(openSource({ name: file, bytes }), { importers: [safetensors] });
    return withWeights(layers, model.weights, title);
  };
  const models: { readonly name: string; readonly model: Model }[] = [
    {
      name: 'LeNet-300-100, dynamic surgery',
      model: await lenet('lenet-300-100_dns-sparse.safetensors', lenet300(), 'LeNet-300-100'),
    },
    { name: 'LeNet-5, dynamic surgery', model: await lenet('lenet-5_dns-sparse.safetensors', lenet5(), 'LeNet-5') },
    { name: 'SqueezeNet v1.0, released', model: await loadNetwork(folder, 'squeezenet-released') },
    ...ownFiles(),
  ];
  return models.map(({ name, model }) => onEie(name, model));
}

function onEie(name: string, model: Model): NetworkOnEie {
  const works = modelWorkloads(model);
  const cost = networkCost(eie(), works);
  const dense = networkCost(
    eie(),
    works.map(({ weights: _, ...work }) => ({ ...work, weightDensity: 1 })),
  );
  const counts = works.map(({ weights }) => weights!.length);
  const kept = works.reduce((sum, { weightDensity }, i) => sum + weightDensity * counts[i]!, 0);
  return {
    name,
    density: kept / counts.reduce((a, b) => a + b),
    denseUs: dense.latencyUs,
    us: cost.latencyUs,
    microjoules: cost.energyPj / 1e6,
  };
}

/** Networks that runs of recipes have left in the output folder, by recipe, the long runs first. */
function ownFiles(): { readonly name: string; readonly model: Model }[] {
  const folders = existsSync(OUT) ? readdirSync(OUT) : [];
  return folders.sort().flatMap((recipe) => {
    const mode = ['full', 'quick'].find((each) => existsSync(join(OUT, recipe, each)));
    const folder = mode && join(OUT, recipe, mode);
    const files = folder ? readdirSync(folder).filter((file) => file.endsWith('.pare')) : [];
    return files.sort().flatMap((file) => {
      const model = decodeModel(readFileSync(join(folder!, file)));
      const known = model.layers.some((layer) => layer.kind === 'dense' || layer.kind === 'conv2d');
      return known ? [{ name: `${file.replace(/\.pare$/, '')} (ours, ${mode})`, model }] : [];
    });
  });
}
