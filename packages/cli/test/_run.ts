import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@pare/core';
import { afterAll } from 'vitest';
import { main } from '../src/program.ts';

/** What a run of the command left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder, gone after the tests of the file. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pare-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the command in this process, in a folder. */
export async function pare(folder: string, ...words: readonly string[]): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  const into = (write: (text: string) => void) => ({ isTTY: false, write: (text: string) => write(text) });
  const code = await main(words, {
    folder,
    stdout: into((text) => (stdout += text)),
    // Only `write` and `isTTY` of a stream are used.
    stderr: into((text) => (stderr += text)) as unknown as NodeJS.WriteStream,
  });
  return { code, stdout, stderr };
}

/** Bell-shaped numbers. */
export function bell(count: number, scale: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => scale * random.normal());
}

/** Writes a safetensors file: a length, a JSON header, and float32 numbers. */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, { shape: readonly number[]; values: Float32Array }>>,
): void {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += values.byteLength)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(json.length), true);
  const data = Object.values(tensors).map(({ values }) => new Uint8Array(values.buffer));
  writeFileSync(path, Buffer.concat([start, json, ...data]));
}
