import type { Image } from '@pare/interop/images';
import { readImage, resizeImage } from '@pare/interop/images';
import { type DataFolder, type PinnedContent, readPinned } from './data-folder.ts';

/** `imagenet-sample` is for calibration and fine-tuning, `nips2017-dev` for nothing but judging. */
export type ImageSetName = 'imagenet-sample' | 'nips2017-dev';

/** Pictures in memory. */
export interface ImageSet {
  readonly name: string;
  /** Red, green, blue; the shorter side has 256 pixels: what networks cut their inputs out of, and what augmentation has to go on. */
  readonly images: readonly Image[];
  /** Class of each image, 0 … 999; undefined for drawn images, about which there is nothing to be right or wrong. */
  readonly labels: Uint16Array | undefined;
  /** What each image shows, in words. */
  readonly titles: readonly string[];
}

/** The lists of each set; the list of checksums vouches for every image. */
export const IMAGE_SETS: Readonly<
  Record<ImageSetName, { readonly labels: PinnedContent; readonly sums: PinnedContent }>
> = {
  'imagenet-sample': {
    labels: {
      path: 'imagenet-sample/labels.json',
      sha256: '17685d4f67ca9dc6d7ca743523268eb817becf625ea269ab3f1a978a5240c9b3',
    },
    sums: {
      path: 'imagenet-sample/SHA256SUMS',
      sha256: '0e2a0767df410aeb0f29c7c5d664fdaf7e013b2e0a9d90ae4f7ecaf59f6b8530',
    },
  },
  'nips2017-dev': {
    labels: {
      path: 'nips2017-dev/labels.json',
      sha256: 'cfad737f83a9952fbcddc70b30ec01c725a275c0adce6843ef2c7002a44a2647',
    },
    sums: {
      path: 'nips2017-dev/SHA256SUMS',
      sha256: 'cc0207c3ad8d7caf89a4f37fc1bb7c6c8b81fc15bd5cc229bf05793b5a953b46',
    },
  },
};

/** Pixels of the shorter side. */
export const SHORTER = 256;

export interface LoadImagesOptions {
  readonly signal?: AbortSignal;
  /** Called with the share done, 0 … 1. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Reads, checks and decodes an image set: seconds, and some 200 MB.
 *
 * @throws MissingPartError, CorruptDataError as `readPinned` does
 * @throws the reason of `signal`
 */
export async function loadImages(
  folder: DataFolder,
  name: ImageSetName,
  { signal, onProgress }: LoadImagesOptions = {},
): Promise<ImageSet> {
  const { labels, sums } = IMAGE_SETS[name];
  const listed = Object.entries(JSON.parse(text(readPinned(folder, labels))) as Record<string, Listed>);
  const checksums = parseSums(text(readPinned(folder, sums)));
  const images: Image[] = [];
  for (const [path] of listed) {
    if (images.length % 8 === 0) {
      await new Promise<void>((resolve) => setImmediate(resolve)); // lets a Ctrl-C come through
      signal?.throwIfAborted();
      onProgress?.(images.length / listed.length);
    }
    const bytes = readPinned(folder, { path: `${name}/${path}`, sha256: checksums.get(path) ?? 'of SHA256SUMS' });
    images.push(withShorterSide(readImage(bytes)));
  }
  return {
    name,
    images,
    labels: Uint16Array.from(listed, ([, entry]) => entry.class),
    titles: listed.map(([, entry]) => entry.label),
  };
}

interface Listed {
  readonly class: number;
  readonly label: string;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/**
 * Reads lines of `<sha256>  <path>`, as `sha256sum` writes them.
 *
 * @example
 * parseSums('00ff  images/a.jpg\n').get('images/a.jpg') // '00ff'
 */
export const parseSums = (lines: string): ReadonlyMap<string, string> =>
  new Map(
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [sum = '', path = ''] = line.split(/ [ *]/);
        return [path, sum];
      }),
  );

function withShorterSide(image: Image): Image {
  const { width, height } = image;
  const shorter = Math.min(width, height);
  if (shorter === SHORTER) return image;
  const scaled = (extent: number): number => Math.floor((SHORTER * extent) / shorter);
  return resizeImage(image, { width: scaled(width), height: scaled(height) });
}
