import { CorruptDataError } from '@pare/core';

/** Throws: these bytes are not what they claim to be. */
export function corrupt(code: string, byte: number, explanation: string, cause?: Error): never {
  throw new CorruptDataError(code, byte, explanation, cause && { cause });
}
