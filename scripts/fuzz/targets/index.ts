import type { Target } from '../target.ts';
import { codecs } from './codecs.ts';
import { coders } from './coders.ts';
import { container } from './container.ts';
import { delta } from './delta.ts';
import { images } from './images.ts';
import { importers } from './importers.ts';
import { inWorker } from './in-worker.ts';

export const targets: readonly Target[] = [...coders, ...codecs, container, inWorker, delta, ...importers, ...images];
