import type { Exporter } from '@pare/core';

/** Every exporter here. */
export const exporters: readonly Exporter[] = [];
