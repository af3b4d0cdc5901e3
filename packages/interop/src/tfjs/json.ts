import { CorruptDataError } from '@pare/core';

/** An object of JSON. Its keys come from outside: read them, never write them into an object of ours. */
export type JsonObject = { readonly [key: string]: unknown };

/** Bytes → JSON. @throws CorruptDataError if they are none */
export function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new CorruptDataError('not-json', 0, `${where} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property that is the object's own: `constructor` and the like are not among them. */
export const own = (object: unknown, key: string): unknown =>
  isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;

export function expectObject(value: unknown, where: string): JsonObject {
  return isObject(value) ? value : unexpected(where, 'an object', value);
}

export function expectList(value: unknown, where: string, most: number = Infinity): readonly unknown[] {
  if (!Array.isArray(value)) return unexpected(where, 'a list', value);
  return value.length <= most ? value : unexpected(where, `at most ${most} items`, value);
}

export function expectText(value: unknown, where: string): string {
  return typeof value === 'string' ? value : unexpected(where, 'a text', value);
}

/** A finite number; texts that spell one are taken too, as protobuf's JSON writes 64-bit integers. */
export function expectNumber(value: unknown, where: string): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : unexpected(where, 'a number', value);
}

/** A whole number ≥ `least`. */
export function expectWhole(value: unknown, where: string, least = 0): number {
  const number = expectNumber(value, where);
  return Number.isSafeInteger(number) && number >= least
    ? number
    : unexpected(where, `a whole number ≥ ${least}`, value);
}

/** @throws CorruptDataError always */
export function unexpected(where: string, expected: string, value: unknown): never {
  const got = JSON.stringify(value) ?? String(value);
  throw new CorruptDataError(
    'not-tfjs',
    0,
    `${where} expected ${expected}, got ${got.length > 60 ? `${got.slice(0, 60)}…` : got}`,
  );
}
