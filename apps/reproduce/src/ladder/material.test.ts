import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingPartError, type Model, parameterCount } from '@pare/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprint } from './fingerprint.ts';
import { findMaterial, smallMaterial } from './material.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pare-'));
  mkdirSync(join(folder, 'squeezenet'));
  writeFileSync(join(folder, 'squeezenet/compressed_SqueezeNet.net'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('without a folder all is generated, and says why', async () => {
  const material = findMaterial({ env: {}, besideDirectory: false });
  expect(material.source).toBe('generated');
  expect(material.note).toMatch(/^GENERATED .*set PARE_DATA/);
  expect(parameterCount(await material.network('squeezenet-1.1'))).toBe(1_235_496);
});

test('a folder beside the repository that lacks something is not mixed with generated things', () => {
  const { source, note } = findMaterial({ env: {}, besideDirectory: folder });
  expect(source).toBe('generated');
  expect(note).toContain(
    'the data folder beside the repository lacks squeezenet/squeezenet_v1.0_caffe_dense.safetensors',
  );
  expect(note).not.toContain(folder);
});

test('a folder that the user named must have everything', () => {
  const find = () => findMaterial({ env: { PARE_DATA: folder } });
  expect(find).toThrow(MissingPartError);
  expect(find).toThrow('unset PARE_DATA to run on generated data');
});

test('small material is the same each time; the released network is pruned and shared, the dense ones are not', async () => {
  const [one, other] = [smallMaterial(), smallMaterial()];
  const kinds = ({ weights }: Model) => [...new Set(weights.map(({ form }) => form.kind))].sort();
  for (const name of ['squeezenet-1.0', 'squeezenet-1.1', 'squeezenet-released'] as const) {
    expect(fingerprint(await one.network(name))).toBe(fingerprint(await other.network(name)));
  }
  expect(kinds(await one.network('squeezenet-1.0'))).toEqual(['dense']);
  expect(kinds(await one.network('squeezenet-released'))).toEqual(['dense', 'shared']);
  const [sample, judges] = [await one.images('imagenet-sample'), await one.images('nips2017-dev')];
  expect(sample.images[0]!.data).not.toEqual(judges.images[0]!.data);
});
