import { eyeriss, type Gating, networkCost } from '@pare/hardware';
import { describe, expect, test } from 'vitest';
import { denseAlexnet, GOOGLENET_SPLIT, pricedNetworks } from './networks.ts';

const picojoules = eyeriss().unit!.picojoules;
const perImage = (works: Parameters<typeof networkCost>[1], gating: Gating = 'psum-always') =>
  networkCost(eyeriss({ gating }), works).energyPj / picojoules / works[0]!.batch;
const networks = pricedNetworks();
const worksOf = (name: string) => networks.find((network) => network.name === name)!.works;

describe('energy of whole networks', () => {
  test.each(networks.map(({ name, works, expected }) => [name, works, expected] as const))(
    '%s is what the model gave when it was made, within 1 %, whatever the gating',
    (_, works, expected) => {
      for (const gating of ['psum-always', 'strict', 'skip'] as const) {
        expect(Math.abs(perImage(works, gating) / expected[gating] - 1)).toBeLessThan(0.01);
      }
    },
  );

  test.each([
    ['AlexNet', 0.1],
    ['SqueezeNet v1.0', 0.13],
    ['GoogLeNet', 0.22],
  ])('%s is within %d of the published total', (name, tolerance) => {
    const { works, published } = networks.find((network) => network.name === name)!;
    expect(Math.abs(perImage(works) / published! - 1)).toBeLessThan(tolerance);
  });

  test('fewer weights are not less energy: SqueezeNet is above AlexNet with every gating, GoogLeNet with it', () => {
    for (const gating of ['psum-always', 'strict', 'skip'] as const) {
      const [alexnet, squeezenet, googlenet] = ['AlexNet', 'SqueezeNet v1.0', 'GoogLeNet'].map((name) =>
        perImage(worksOf(name), gating),
      ) as [number, number, number];
      expect(squeezenet).toBeGreaterThan(alexnet);
      expect(googlenet).toBeGreaterThan(squeezenet);
    }
  });

  test('GoogLeNet spends its energy as published, each share within 6 points', () => {
    const { byData, energyPj } = networkCost(eyeriss(), worksOf('GoogLeNet'));
    for (const [kind, share] of Object.entries(GOOGLENET_SPLIT)) {
      expect(Math.abs(byData[kind]! / energyPj - share), kind).toBeLessThan(0.06);
    }
  });

  test('AlexNet layer by layer, and how its convolutions weigh at each batch', () => {
    const { layers } = networkCost(eyeriss(), denseAlexnet(44));
    const found = layers.map(({ cost }) => cost.energyPj / picojoules / 44 / 1e8);
    const expected = [6.98, 11.5, 6.68, 4.81, 3.23, 3.26, 1.43, 0.353];
    for (const [i, energy] of expected.entries()) expect(Math.abs(found[i]! / energy - 1)).toBeLessThan(0.01);
    const share = (batch: number) => {
      const cost = networkCost(eyeriss(), denseAlexnet(batch));
      return cost.layers.slice(0, 5).reduce((sum, layer) => sum + layer.cost.energyPj, 0) / cost.energyPj;
    };
    expect([44, 16, 4, 1].map((batch) => share(batch).toFixed(2))).toEqual(['0.87', '0.77', '0.51', '0.23']);
  });
});
