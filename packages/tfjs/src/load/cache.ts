/** Keeps files between visits, by url. A `Map<string, Uint8Array>` is one. */
export interface PareCache {
  get(url: string): Promise<Uint8Array | undefined> | Uint8Array | undefined;
  set(url: string, bytes: Uint8Array): unknown;
  delete(url: string): unknown;
}

/**
 * Finds the cache that is meant: the browser's own Cache API under a name, one that was passed, or none.
 *
 * Pages that are not served securely, and Node, have no Cache API: there, nothing is kept.
 */
export function cacheOf(wanted: boolean | string | PareCache | undefined): PareCache | undefined {
  if (wanted === undefined || wanted === false) return undefined;
  if (typeof wanted === 'object') return wanted;
  return typeof caches === 'undefined' ? undefined : browserCache(wanted === true ? 'pare' : wanted);
}

const browserCache = (name: string): PareCache => ({
  async get(url) {
    const response = await (await caches.open(name)).match(url);
    return response && new Uint8Array(await response.arrayBuffer());
  },
  async set(url, bytes) {
    await (await caches.open(name)).put(url, new Response(bytes as Uint8Array<ArrayBuffer>));
  },
  async delete(url) {
    await (await caches.open(name)).delete(url);
  },
});
