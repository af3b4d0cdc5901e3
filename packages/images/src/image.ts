/** A picture: rows from the top, pixels from the left, channels of a pixel side by side, 0 … 255. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 3: red, green, blue; 4: and alpha, 255 = opaque. */
  readonly channels: 3 | 4;
  /** `width · height · channels` numbers. */
  readonly data: Uint8Array;
}

/**
 * Checks that an image has as many numbers as its extents say: beyond the end of its data would be zeros, which are black.
 *
 * @param caller - whose name the message begins with
 * @throws RangeError saying what would fit
 */
export function checkImage(caller: string, { width, height, channels, data }: Image): void {
  if (channels !== 3 && channels !== 4) {
    throw new RangeError(
      `${caller}: "image.channels" expected 3 or 4, got ${channels}: write a grey image's numbers thrice`,
    );
  }
  if (data.length === width * height * channels) return;
  const other = channels === 3 ? 4 : 3;
  const repair =
    data.length === width * height * other
      ? `these have channels: ${other}`
      : 'give the width and height of the image that they are of';
  throw new RangeError(
    `${caller}: "image.data" expected ${width} × ${height} × ${channels} numbers, got ${data.length}: ${repair}`,
  );
}
