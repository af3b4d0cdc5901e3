import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CorruptDataError } from '@pare/core';

/** Whether these bytes begin as a gzip file does (RFC 1952, section 2.3.1). */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Decompresses a gzip file, and returns any other bytes as they are.
 *
 * @param limitBytes - the largest result; a small file made to unfold into a huge one is stopped there
 * @throws CorruptDataError if the file is cut short or damaged, or its content is larger
 */
export async function gunzipIfGzip(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new CorruptDataError('limit', bytes.length, `expected at most ${limitBytes} bytes of content`);
  if (!isGzip(bytes)) {
    if (bytes.length > limitBytes) throw tooLarge();
    return bytes;
  }
  try {
    const { buffer, byteOffset, byteLength } = await inflate(bytes, { maxOutputLength: limitBytes });
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new CorruptDataError(code === 'Z_BUF_ERROR' ? 'truncated' : 'gzip', bytes.length, `gzip: ${message}`, {
      cause,
    });
  }
}

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);
