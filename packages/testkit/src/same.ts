/**
 * Tells whether two values are the same to the bit: −0 differs from 0, a NaN equals one of the same bits, arrays of
 * different type differ. Plain objects, arrays and typed arrays are compared inside; a plain object may have no prototype, as those that
 * `fc.record` of fast-check makes.
 *
 * @example
 * same(Float32Array.of(0), Float32Array.of(-0)) // false
 */
export const same = (one: unknown, other: unknown): boolean => difference(one, other) === undefined;

/**
 * Says where two values first differ, to the bit, or undefined where they do not.
 *
 * @param at - how to call the place; default `value`
 * @example
 * difference({ mask: Uint8Array.of(1, 0) }, { mask: Uint8Array.of(1, 1) }) // 'value.mask[1]: 0 became 1'
 */
export function difference(one: unknown, other: unknown, at = 'value'): string | undefined {
  if (Object.is(one, other)) return undefined;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return `${at}: ${show(one)} became ${show(other)}`;
  }
  const [type, otherType] = [typeOf(one), typeOf(other)];
  if (type !== otherType) return `${at}: ${type.constructor.name} became ${otherType.constructor.name}`;
  if (ArrayBuffer.isView(one) && ArrayBuffer.isView(other)) return bytesDiffer(one, other, at);
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [before, after] = [(one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]];
    const found = difference(before, after, Array.isArray(one) ? `${at}[${key}]` : `${at}.${key}`);
    if (found) return found;
  }
  return undefined;
}

const typeOf = (value: object): object => Object.getPrototypeOf(value) ?? Object.prototype;

function bytesDiffer(one: ArrayBufferView, other: ArrayBufferView, at: string): string | undefined {
  if (one.byteLength !== other.byteLength) return `${at}: ${one.byteLength} bytes became ${other.byteLength}`;
  const before = new Uint8Array(one.buffer, one.byteOffset, one.byteLength);
  const after = new Uint8Array(other.buffer, other.byteOffset, other.byteLength);
  const byte = before.findIndex((value, i) => value !== after[i]);
  if (byte < 0) return undefined;
  const index = Math.floor(byte / ('BYTES_PER_ELEMENT' in one ? (one.BYTES_PER_ELEMENT as number) : 1));
  return `${at}[${index}]: ${show((one as Uint8Array)[index])} became ${show((other as Uint8Array)[index])}`;
}

const show = (value: unknown): string => (Object.is(value, -0) ? '-0' : String(value));
