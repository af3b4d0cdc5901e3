import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a whole file or nothing, so that nobody ever sees half of it: into a neighbour first, then renamed.
 *
 * @param write - puts some of the bytes into an open file and says how many; tests give one whose disk is full
 * @throws Error naming the file, with the system's `code`; what was there before is untouched and no neighbour is left
 */
export function writeWhole(
  path: string,
  content: Uint8Array | string,
  write: (file: number, bytes: Uint8Array) => number = writeSync,
): void {
  const neighbour = `${path}.${process.pid}.part`;
  let begun = false;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(neighbour, 'w');
    begun = true;
    try {
      let bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      while (bytes.length > 0) bytes = bytes.subarray(write(file, bytes));
      fsyncSync(file); // some file systems notice only here that they are full
    } finally {
      closeSync(file);
    }
    renameSync(neighbour, path);
  } catch (cause) {
    if (begun) rmSync(neighbour, { force: true });
    const { code, message } = cause as NodeJS.ErrnoException;
    throw Object.assign(new Error(`cannot write ${path}: ${message}; make room, or name another folder`, { cause }), {
      code,
    });
  }
}

/** Reads a file, or says undefined if there is none. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
