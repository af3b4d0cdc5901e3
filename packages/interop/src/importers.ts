import type { Importer } from '@pare/core';
import { npz } from './npz/npz.ts';
import { safetensors } from './safetensors/read.ts';

/** Every importer here. Where several recognise a file, the first that also knows its extension reads it. */
export const importers: readonly Importer[] = [safetensors, npz];
