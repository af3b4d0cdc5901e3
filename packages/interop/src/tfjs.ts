// A door of its own: what a page needs to load a model of tfjs brings none of the other formats along.
export { fromModelArtifacts, type TfjsArtifacts, tfjsGraph, tfjsLayers } from './tfjs/read.ts';
export { type LoadedArtifacts, tfjsExporter, toModelArtifacts } from './tfjs/write.ts';
