/** A module from the base64 as which it travels. */
export const decoded = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/**
 * The same module for a memory that threads share: with another declaration of what it imports.
 *
 * The import section of the module has one import, `env.memory`, a memory (2) without a maximum (0) of at least 0 pages:
 *
 *     2  size      1  3 'env'  6 'memory'  2  0 0
 *     2  size + 3  1  3 'env'  6 'memory'  2  3 0  80 80 04
 *
 * Limits of kind 3 are those of a shared memory, which must have a maximum: 65536 pages, in LEB128. No instruction differs.
 */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = [1, 3, ...new TextEncoder().encode('env'), 6, ...new TextEncoder().encode('memory'), 2];
  const own = section(2, [...memory, 0, 0]);
  const at = bytes.findIndex((_, i) => own.every((byte, j) => bytes[i + j] === byte));
  if (at < 0) throw new Error('bug: withSharedMemory: another import section');
  const shared = section(2, [...memory, 3, 0, 0x80, 0x80, 4]);
  return Uint8Array.from([...bytes.subarray(0, at), ...shared, ...bytes.subarray(at + own.length)]);
}

/** Of fewer than 128 bytes. */
const section = (id: number, content: readonly number[]): number[] => [id, content.length, ...content];
