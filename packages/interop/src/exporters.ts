import type { Exporter } from '@pare/core';
import { npzExporter } from './npz/npz.ts';
import { onnxExporter } from './onnx/write.ts';
import { safetensorsExporter } from './safetensors/write.ts';
import { tfjsExporter } from './tfjs/write.ts';

/** Every exporter here. */
export const exporters: readonly Exporter[] = [tfjsExporter, safetensorsExporter, npzExporter, onnxExporter];
