import type { Exporter } from '@pare/core';
import { npzExporter } from './npz/npz.ts';
import { safetensorsExporter } from './safetensors/write.ts';

/** Every exporter here. */
export const exporters: readonly Exporter[] = [safetensorsExporter, npzExporter];
