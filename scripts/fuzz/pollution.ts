import { demand } from './target.ts';

const SHARED = [Object.prototype, Array.prototype, Function.prototype, Uint8Array.prototype] as const;
const before = SHARED.map((prototype) => Reflect.ownKeys(prototype).length);

/** Demands that no input has changed what all objects inherit. */
export function expectCleanPrototypes(): void {
  SHARED.forEach((prototype, i) => {
    demand(Reflect.ownKeys(prototype).length === before[i], `pollutes ${prototype.constructor.name}.prototype`);
  });
}

/** What results may be made of. */
const PLAIN: ReadonlySet<unknown> = new Set([
  null,
  ...[Object, Array, Map, Uint8Array, Uint16Array, Int32Array, Float32Array, Uint32Array, ArrayBuffer].map(
    (kind) => kind.prototype,
  ),
]);

/** Demands that a result is plain data: a key `__proto__` in a file must not give an object another prototype. */
export function expectPlain(result: unknown): void {
  const seen = new Set<unknown>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
    seen.add(value);
    demand(PLAIN.has(Object.getPrototypeOf(value)), 'gives an object that inherits from one of the file');
    for (const inner of value instanceof Map ? value.values() : Object.values(value)) walk(inner);
  };
  walk(result);
}
