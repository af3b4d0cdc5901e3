export { adaptive } from './codecs/adaptive-decode.ts';
