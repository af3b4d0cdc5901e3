import type { Importer } from '@pare/core';
import { caffe } from './caffe/read.ts';
import { keras, kerasH5 } from './keras/read.ts';
import { npz } from './npz/npz.ts';
import { onnx } from './onnx/read.ts';
import { safetensors } from './safetensors/read.ts';
import { tfjsGraph, tfjsLayers } from './tfjs/read.ts';

/** Every importer here. Where several recognise a file, the first that also knows its extension reads it. */
export const importers: readonly Importer[] = [safetensors, npz, onnx, caffe, tfjsLayers, tfjsGraph, kerasH5, keras];
