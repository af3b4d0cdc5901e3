import { definePlugin, type Plugin } from '@pare/core';

/** Says what this package is. Its stage needs no registration: import `factorize`. */
export const plugin: Plugin = /* @__PURE__ */ definePlugin({ name: '@pare/plugin-low-rank', apiVersion: 1 });
