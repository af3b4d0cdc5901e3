import { unexpected } from './json.ts';

/** Bytes at once: functions take only so many arguments. */
const CHUNK = 8192;

/**
 * Bytes → base64.
 *
 * @example
 * toBase64(Uint8Array.of(80, 65, 82, 69)) // 'UEFSRQ=='
 */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(text);
}

/**
 * Base64 → bytes.
 *
 * @throws CorruptDataError if it is none
 */
export function fromBase64(text: string, where: string): Uint8Array<ArrayBuffer> {
  let characters: string;
  try {
    characters = atob(text);
  } catch {
    return unexpected(where, 'base64', text);
  }
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
