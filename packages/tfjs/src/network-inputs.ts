import { elementCount, type InputLayer, type Model, type Preprocess } from '@pare/core';
import type { ExampleNeeds } from './examples.ts';

/** How many classes a model tells apart. */
export const classesOf = ({ layers }: Model): number => elementCount(layers.at(-1)?.outputShape ?? [0]);

/** What the examples for a model must be like. */
export const needsOf = (model: Model): ExampleNeeds => ({
  classes: classesOf(model),
  shape: inputOf(model)?.outputShape,
});

/** How a model wants its examples prepared. */
export const preprocessOf = (model: Model): Preprocess => inputOf(model)?.preprocess ?? {};

const inputOf = ({ layers }: Model): InputLayer | undefined =>
  layers.find((layer): layer is InputLayer => layer.kind === 'input');
