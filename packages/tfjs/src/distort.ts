import type { Random } from '@pare/core';

// Enough to teach a digit net what handwriting does, little enough that no digit turns into another.
const ROTATION = 0.22; // radians either way, about 12.5°
const SCALE = 0.14; // larger or smaller by up to this share, each axis for itself
const SHEAR = 0.22;
const SHIFT = 2.2; // pixels either way

/**
 * Distorts an image by a random affine map about its centre: rotation, scale, shear and shift, drawn evenly; pixels are
 * interpolated bilinearly and what comes from outside is zero.
 *
 * The map takes an output pixel to where it comes from: source = M · (x − centre) + centre + shift.
 *
 * @param raw - `[C, H, W]`
 * @param strength - 1 as described; 0.5 half as much of everything; 0 not at all
 * @param out - `[C, H, W]`; receives values in the range of `raw`
 * @see Simard, Steinkraus, Platt 2003, section 2
 */
export function distort(
  raw: Uint8Array,
  channels: number,
  height: number,
  width: number,
  random: Random,
  out: Float32Array = new Float32Array(raw.length),
  strength = 1,
): Float32Array {
  const either = (extent: number): number => strength * extent * (2 * random.float() - 1);
  const angle = either(ROTATION);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [scaleX, scaleY, shear] = [1 + either(SCALE), 1 + either(SCALE), either(SHEAR)];
  // Rotation × shear × scale.
  const xx = cos * scaleX;
  const xy = (cos * shear - sin) * scaleY;
  const yx = sin * scaleX;
  const yy = (sin * shear + cos) * scaleY;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const shiftX = centreX + either(SHIFT);
  const shiftY = centreY + either(SHIFT);
  const plane = height * width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = xx * (x - centreX) + xy * (y - centreY) + shiftX;
      const fromY = yx * (x - centreX) + yy * (y - centreY) + shiftY;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const at = y * width + x;
      if (left < -1 || top < -1 || left >= width || top >= height) {
        for (let c = 0; c < channels; c++) out[c * plane + at] = 0;
        continue;
      }
      const right = fromX - left; // weight of the column left + 1
      const below = fromY - top;
      const inLeft = left >= 0;
      const inRight = left + 1 < width;
      const inTop = top >= 0;
      const inBelow = top + 1 < height;
      const corner = top * width + left;
      for (let c = 0; c < channels; c++) {
        const p = c * plane + corner;
        let value = 0;
        if (inTop) value += (1 - below) * ((inLeft ? (1 - right) * raw[p]! : 0) + (inRight ? right * raw[p + 1]! : 0));
        if (inBelow) {
          value += below * ((inLeft ? (1 - right) * raw[p + width]! : 0) + (inRight ? right * raw[p + width + 1]! : 0));
        }
        out[c * plane + at] = value;
      }
    }
  }
  return out;
}
