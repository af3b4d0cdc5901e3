/**
 * A process of its own, so that its memory can be told: encodes the AlexNet and writes the file to the path it is given; prints
 * seconds and the greatest memory of the process, the model included, in gigabytes.
 */
import { writeFileSync } from 'node:fs';
import { encodeModel } from '@pare/format';
import { sharedAlexnet } from './alexnet.ts';

/** What this process prints, as JSON. */
export interface Encoding {
  readonly seconds: number;
  readonly peakGb: number;
  readonly size: number;
}

const model = sharedAlexnet();
const start = performance.now();
const bytes = encodeModel(model, { coding: 'fast' });
const seconds = (performance.now() - start) / 1000;
writeFileSync(process.argv[2]!, bytes);
const peakGb = process.resourceUsage().maxRSS / 1e6; // maxRSS is in kilobytes
process.stdout.write(JSON.stringify({ seconds, peakGb, size: bytes.length } satisfies Encoding));
