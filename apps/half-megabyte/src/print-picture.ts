/** Prints the picture that the page and Node are asked for, for who has no TypeScript. */
import { picture } from './picture.ts';

const { width, height, data } = picture();
process.stdout.write(JSON.stringify({ width, height, data: Buffer.from(data).toString('base64') }));
