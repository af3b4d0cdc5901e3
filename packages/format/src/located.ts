import type { CorruptDataError } from '@pare/core';
import { corrupt } from './corrupt.ts';

/**
 * Runs a decoder on a part of a larger whole and tells its complaints in terms of the whole.
 *
 * Packages that stand alone carry a `CorruptDataError` of their own, so it is known by its name; what is thrown is core's.
 *
 * @param offset - where the part starts
 * @param where - what it is, for the message
 */
export function located<T>(offset: number, where: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const { name, code, byte, message } = error as CorruptDataError;
    if (name !== 'CorruptDataError') throw error;
    corrupt(code, offset + byte, message.replace(/.*?: /, where && `${where}: `), error as Error);
  }
}
