/** A picture: rows from the top, pixels from the left, channels of a pixel side by side, 0 … 255. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 3: red, green, blue; 4: and alpha, 255 = opaque. */
  readonly channels: 3 | 4;
  /** `width · height · channels` numbers. */
  readonly data: Uint8Array;
}
