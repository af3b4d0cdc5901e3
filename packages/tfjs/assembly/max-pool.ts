// The gradient of max-pooling: dx[first maximum of the window] += dy, windows in any order, NHWC.
//
// "First" is row-major inside the window, with a strict comparison from −∞ on, as on tfjs's cpu backend: a NaN is never a
// maximum, and a window of nothing but NaN or −∞ passes no gradient on. Margins are never looked at.

export function maxPoolGradient(
  x: usize, dy: usize, dx: usize,
  images: i32, inHeight: i32, inWidth: i32, channels: i32,
  outHeight: i32, outWidth: i32,
  rows: i32, columns: i32,
  strideHeight: i32, strideWidth: i32,
  top: i32, left: i32,
): void {
  const pixelBytes = channels << 2;
  const rowBytes = inWidth * pixelBytes;
  memory.fill(dx, 0, <usize>(images * inHeight * rowBytes));
  const distance = dx - x;
  for (let image = 0; image < images; image++) {
    for (let p = 0; p < outHeight; p++) {
      const firstRow = max(0, p * strideHeight - top);
      const endRow = min(inHeight, p * strideHeight - top + rows);
      for (let q = 0; q < outWidth; q++) {
        const firstColumn = max(0, q * strideWidth - left);
        const endColumn = min(inWidth, q * strideWidth - left + columns);
        const window = x + (image * inHeight + firstRow) * rowBytes + firstColumn * pixelBytes;
        const height = endRow - firstRow;
        const width = endColumn - firstColumn;
        let c = 0;
        for (; c + 4 <= channels; c += 4) {
          // Four channels at once. `place` is the byte offset of the maximum in the window, −1 while there is none.
          let highest = f32x4.splat(-Infinity);
          let place = i32x4.splat(-1);
          for (let r = 0; r < height; r++) {
            let offset = r * rowBytes;
            for (let s = 0; s < width; s++) {
              const value = v128.load(window + offset + (c << 2));
              const higher = f32x4.gt(value, highest);
              highest = v128.bitselect(value, highest, higher);
              place = v128.bitselect(i32x4.splat(offset), place, higher);
              offset += pixelBytes;
            }
          }
          const gradient = v128.load(dy + (c << 2));
          for (let r = 0; r < height; r++) {
            let offset = r * rowBytes;
            for (let s = 0; s < width; s++) {
              const to = window + distance + offset + (c << 2);
              const share = v128.and(gradient, i32x4.eq(place, i32x4.splat(offset)));
              v128.store(to, f32x4.add(v128.load(to), share));
              offset += pixelBytes;
            }
          }
        }
        for (; c < channels; c++) {
          let highest: f32 = -Infinity;
          let place: usize = 0;
          for (let r = 0; r < height; r++) {
            let from = window + r * rowBytes + (c << 2);
            for (let s = 0; s < width; s++) {
              const value = load<f32>(from);
              if (value > highest) {
                highest = value;
                place = from;
              }
              from += pixelBytes;
            }
          }
          if (place) {
            const to = place + distance;
            store<f32>(to, load<f32>(to) + load<f32>(dy + (c << 2)));
          }
        }
        dy += pixelBytes;
      }
    }
  }
}
