import { CorruptDataError } from '@pare/core';

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
    if (!isCorruptData(error)) throw error;
    const explanation = error.message.replace(/^corrupt data at byte \d+: /, '');
    throw new CorruptDataError(error.code, offset + error.byte, where ? `${where}: ${explanation}` : explanation, {
      cause: error,
    });
  }
}

const isCorruptData = (error: unknown): error is Error & { code: string; byte: number } =>
  error instanceof Error && error.name === 'CorruptDataError' && 'code' in error && 'byte' in error;
