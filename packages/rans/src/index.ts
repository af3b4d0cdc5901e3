export { type CorruptDataCode, CorruptDataError, decodeRans } from './decode.ts';
export { encodeRans, type RansOptions } from './encode.ts';
export { ransSize } from './size.ts';
