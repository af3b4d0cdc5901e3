import type { PareSource } from './source.ts';

/** As much of Node's `fs/promises` as reading a whole file takes. */
interface Disk {
  readFile(path: string | URL, options: { readonly signal?: AbortSignal }): Promise<Uint8Array>;
}

/**
 * Finds the way to a file on disk, if that is where a source lies: a path, or a `file:` url, in Node. In a page `model.pare` is
 * relative to the page, and `fetch` knows how to get it.
 *
 * `getBuiltinModule` keeps Node's module out of what a browser downloads.
 *
 * @param fetchFile - of the caller's own: then that gets everything
 * @returns undefined for whatever is fetched, or is there already
 */
export function onDisk(
  source: PareSource,
  fetchFile: typeof fetch | undefined,
): ((signal?: AbortSignal) => Promise<Uint8Array>) | undefined {
  if (fetchFile || (typeof source !== 'string' && !(source instanceof URL))) return undefined;
  const scheme = SCHEME.exec(String(source))?.[0].toLowerCase();
  if ((scheme !== undefined && scheme !== 'file:') || 'location' in globalThis) return undefined;
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): Disk } };
  const disk = process?.getBuiltinModule?.('fs/promises');
  const path = scheme === undefined ? source : new URL(source);
  return disk && ((signal) => disk.readFile(path, signal ? { signal } : {}));
}

/** Two letters at least: `C:` is a drive. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;
