import type { Importer } from '@pare/core';

/** Every importer here. Where several recognise a file, the first that also knows its extension reads it. */
export const importers: readonly Importer[] = [];
