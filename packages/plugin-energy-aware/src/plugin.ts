import { definePlugin, type Plugin } from '@pare/core';

/** Adds nothing to the command line: its stages need a trainer and examples; import them. */
export const plugin: Plugin = /* @__PURE__ */ definePlugin({ name: '@pare/plugin-energy-aware', apiVersion: 1 });
