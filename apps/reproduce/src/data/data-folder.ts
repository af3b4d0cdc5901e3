import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CorruptDataError, MissingPartError } from '@pare/core';

/** A file of the data folder, and how we know that it is the one we mean. */
export interface PinnedContent {
  /** Within the folder, with slashes. */
  readonly path: string;
  /** In hex, of its bytes. */
  readonly sha256: string;
}

/** Where real networks and images are. */
export interface DataFolder {
  readonly path: string;
  /** For reports: whose folder it is. Holds no path of this machine. */
  readonly origin: string;
  /** Whether the user named it: then what is missing in it is an error, never a reason to fall back. */
  readonly named: boolean;
}

export interface FindDataOptions {
  /** Where `PARE_DATA` is looked up; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Looked into where `PARE_DATA` is not set; default `../shared/data` seen from the root of the repository; `false` for none. */
  readonly besideDirectory?: string | false;
}

/** Finds the data folder: the one named by `PARE_DATA` (and then no other), else the one beside the repository, if it is there. */
export function findDataFolder(options: FindDataOptions = {}): DataFolder | undefined {
  const { env = process.env, besideDirectory = BESIDE } = options;
  if (env.PARE_DATA) return { path: env.PARE_DATA, origin: 'the folder named by PARE_DATA', named: true };
  if (besideDirectory === false || !existsSync(besideDirectory)) return undefined;
  return { path: besideDirectory, origin: 'the data folder beside the repository', named: false };
}

/** The data folder beside the repository, whether it is there or not. */
export const BESIDE: string = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));

/** Lists those of the files that a folder lacks. Looks at names only. */
export const missingIn = (folder: DataFolder, files: readonly Pick<PinnedContent, 'path'>[]): readonly string[] =>
  files.map(({ path }) => path).filter((path) => !existsSync(join(folder.path, path)));

/**
 * Reads a file of the data folder and compares it with its pin.
 *
 * @throws MissingPartError if it is not there or cannot be read
 * @throws CorruptDataError if it is another one
 */
export function readPinned(folder: DataFolder, { path, sha256 }: PinnedContent): Uint8Array {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(folder.path, path));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new MissingPartError('no-data', path, `no readable "${path}" in ${folder.origin} (${code})`, { cause });
  }
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== sha256) {
    throw new CorruptDataError(
      'checksum',
      0,
      `"${path}" in ${folder.origin} expected SHA-256 ${sha256}, got ${got}; put back the original file`,
    );
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
