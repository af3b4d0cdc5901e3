import { existsSync, readFileSync } from 'node:fs';
import type { Shape, Weight } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { shapedLayers } from './_shape.ts';
import { architectureNamed, architectureNames, architectureOf } from './index.ts';

type Outline = Pick<Weight, 'name' | 'shape'>;

const outlineOf = (name: string): Outline[] =>
  shapedLayers(architectureNamed(name).layers()).flatMap(({ layer, shape }) => [
    { name: `${layer.name}.weight`, shape },
    { name: `${layer.name}.bias`, shape: [shape[0]!] },
  ]);

describe('architectureOf', () => {
  test.each(architectureNames())('recognises %s by names and shapes, in any order', (name) => {
    // A simple bypass has no weights: it cannot be told from the net without.
    expect(architectureOf(outlineOf(name).toReversed())?.name).toBe(name.replace('-simple-bypass', ''));
  });

  test('takes no network with a weight too few, too many, of another shape or name', () => {
    const outline = outlineOf('lenet-5');
    expect(architectureOf(outline.slice(1))).toBeUndefined();
    expect(architectureOf([...outline, { name: 'fc9.weight', shape: [1] }])).toBeUndefined();
    expect(architectureOf([{ ...outline[0]!, shape: [20, 1, 5, 4] }, ...outline.slice(1)])).toBeUndefined();
    expect(architectureOf([{ ...outline[0]!, name: 'first.weight' }, ...outline.slice(1)])).toBeUndefined();
  });

  describe.each([
    ['squeezenet/squeezenet_v1.0_caffe_dense', 'squeezenet-1.0'],
    ['squeezenet/squeezenet_v1.1_dense', 'squeezenet-1.1'],
    ['lenet/lenet-300-100_dense', 'lenet-300-100'],
    ['lenet/lenet-5_dns-sparse', 'lenet-5'],
  ])('with the data folder', (file, name) => {
    const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;
    const path = `${folder}/${file}.safetensors`;
    test.skipIf(!existsSync(path))(`recognises ${file}.safetensors`, () => {
      expect(architectureOf(safetensorsOutline(readFileSync(path)))?.name).toBe(name);
    });
  });
});

describe('architectureNamed', () => {
  test('says what names there are', () => {
    expect(() => architectureNamed('VGG')).toThrow('expected one of lenet-300-100, lenet-5, squeezenet-1.0, ');
  });
});

/** Names and shapes from the header of a file: 8 bytes of length, then JSON. (`@pare/interop` reads all of it, two floors up.) */
function safetensorsOutline(file: Buffer): Outline[] {
  const header: Record<string, { readonly shape: Shape }> = JSON.parse(
    file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString(),
  );
  return Object.entries(header).flatMap(([name, { shape }]) => (name === '__metadata__' ? [] : [{ name, shape }]));
}
