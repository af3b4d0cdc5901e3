import { definePlugin, defineStage, type Plugin } from '@pare/core';
import * as v from 'valibot';
import { factorize } from './factorize.ts';

const rank = /* @__PURE__ */ v.pipe(
  /* @__PURE__ */ v.number('expected a whole number'),
  /* @__PURE__ */ v.integer('expected a whole number'),
  /* @__PURE__ */ v.minValue(1, 'expected at least 1'),
);

/** What this package adds to the command line: `--stage factorize={"rank":{"byName":{"fc6":420}}}`. In code, import `factorize`. */
export const plugin: Plugin = /* @__PURE__ */ definePlugin({
  name: '@pare/plugin-low-rank',
  apiVersion: 1,
  stages: [
    /* @__PURE__ */ defineStage({
      id: 'factorize',
      about: 'Makes two thinner layers of one, by singular value decomposition.',
      options: /* @__PURE__ */ v.strictObject({
        rank: /* @__PURE__ */ v.union(
          [
            rank,
            /* @__PURE__ */ v.strictObject({
              default: /* @__PURE__ */ v.exactOptional(rank),
              byType: /* @__PURE__ */ v.exactOptional(
                /* @__PURE__ */ v.strictObject({
                  conv2d: /* @__PURE__ */ v.exactOptional(rank),
                  dense: /* @__PURE__ */ v.exactOptional(rank),
                }),
              ),
              byName: /* @__PURE__ */ v.exactOptional(/* @__PURE__ */ v.record(/* @__PURE__ */ v.string(), rank)),
            }),
          ],
          'expected a whole number, or { default, byType: { conv2d, dense }, byName: { NAME } } of such',
        ),
      }),
      create: factorize,
    }),
  ],
});
