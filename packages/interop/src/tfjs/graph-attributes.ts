import { fromBase64 } from './base64.ts';
import { expectList, expectNumber, expectObject, own, unexpected } from './json.ts';
import { MOST_EXTENTS } from './shapes.ts';
import type { Extent } from './window.ts';

/** Attributes of a node, by name; undefined where it has none of that name and sort. */
export interface Attributes {
  text(name: string): string | undefined;
  texts(name: string): readonly string[] | undefined;
  number(name: string): number | undefined;
  numbers(name: string): readonly number[] | undefined;
  flag(name: string): boolean;
  /** With the batch; undefined also if its rank is unknown. */
  shape(name: string): readonly Extent[] | undefined;
}

/**
 * Reads the attributes of a node as JSON has them: texts in base64 or as lists of character codes, whole numbers as texts.
 *
 * @throws CorruptDataError, when asked, if they are something else
 */
export function attributesOf(attributes: unknown, where: string): Attributes {
  const given = attributes === undefined || attributes === null ? {} : expectObject(attributes, where);
  const field = (name: string, sort: string): unknown => own(own(given, name), sort) ?? undefined;
  const list = (name: string, sort: string): readonly unknown[] | undefined => {
    const items = own(field(name, 'list'), sort) ?? undefined;
    return items === undefined ? undefined : expectList(items, `${where}.${name}`);
  };
  return {
    text: (name) => {
      const value = field(name, 's');
      return value === undefined ? undefined : textOf(value, `${where}.${name}`);
    },
    texts: (name) => list(name, 's')?.map((item) => textOf(item, `${where}.${name}`)),
    number: (name) => {
      const value = field(name, 'i') ?? field(name, 'f');
      return value === undefined ? undefined : expectNumber(value, `${where}.${name}`);
    },
    numbers: (name) => list(name, 'i')?.map((item) => expectNumber(item, `${where}.${name}`)),
    flag: (name) => field(name, 'b') === true,
    shape: (name) => {
      const shape = field(name, 'shape');
      if (shape === undefined || own(shape, 'unknownRank') === true) return undefined;
      const dim = own(shape, 'dim') ?? undefined;
      if (dim === undefined) return [];
      return expectList(dim, `${where}.${name}`, MOST_EXTENTS).map((item) => {
        const size = expectNumber(own(item, 'size') ?? -1, `${where}.${name}`);
        return size < 0 || !Number.isSafeInteger(size) ? null : size;
      });
    },
  };
}

function textOf(value: unknown, where: string): string {
  if (typeof value === 'string') return String.fromCharCode(...fromBase64(value, where).subarray(0, 1024));
  const codes = expectList(value, where);
  if (codes.length > 1024) unexpected(where, 'a short text', value);
  return String.fromCharCode(...codes.map((code) => expectNumber(code, where)));
}
