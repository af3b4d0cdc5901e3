import { readFileSync } from 'node:fs';
import type { Model, Weight } from '@pare/core';
import { denseValues } from '@pare/testkit';

/** Reads a file of test vectors: small files in base64, by name. */
export function vectors(name: string): (file: string) => Uint8Array {
  const { files } = JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as {
    readonly files: Readonly<Record<string, string>>;
  };
  return (file) => new Uint8Array(Buffer.from(files[file]!, 'base64'));
}

/** A model's numbers by weight, for comparison. */
export const numbersOf = ({ weights }: Pick<Model, 'weights'>): Record<string, number[]> =>
  Object.fromEntries(weights.map(({ name, form }: Weight) => [name, [...denseValues(form)]]));

/** A model's shapes by weight. */
export const shapesOf = ({ weights }: Pick<Model, 'weights'>): Record<string, readonly number[]> =>
  Object.fromEntries(weights.map(({ name, shape }) => [name, shape]));

/** Text as bytes. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
