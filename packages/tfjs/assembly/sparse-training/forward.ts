import { gather } from './gather';
import { poolRow } from './max-pool';

/**
 * y[k, oy, ox, n] = bias[k] + Σ_entries of row k: weight · x[offset + (oy·stride·W + ox·stride)·N + n]
 *
 * A row of outputs at a time for all k: the R rows of x that it reads stay in the cache.
 * @param bias - 0 for none
 */
export function forward(
  y: usize, x: usize, bias: usize, rowStart: usize, entries: usize,
  outChannels: i32, outHeight: i32, outWidth: i32, width: i32, stride: i32, batch: i32,
): void {
  const runs = stride == 1 ? 1 : outWidth; // in a row of outputs
  const run = stride == 1 ? outWidth * batch : batch;
  const plane = outHeight * outWidth * batch * 4;
  for (let oy = 0; oy < outHeight; oy++) {
    let row = y + oy * outWidth * batch * 4;
    for (let k = 0; k < outChannels; k++, row += plane) {
      const from = entries + (load<u32>(rowStart + (k << 2)) << 3);
      const to = entries + (load<u32>(rowStart + (k << 2), 4) << 3);
      const start = bias != 0 ? load<f32>(bias + (k << 2)) : 0;
      for (let i = 0; i < runs; i++) {
        gather(row + i * run * 4, x + (oy * width + i) * stride * batch * 4, start, from, to, run);
      }
    }
  }
}

/**
 * A convolution and, before it is ever stored, its maxima in windows of size × size side by side.
 * y [K, PH, PW, N]; what no whole window covers is not computed.
 * @param spread - scratch for `size` rows of the convolution, PW·size·N floats each: small enough to stay in the cache
 */
export function forwardPooled(
  y: usize, at: usize, x: usize, bias: usize, rowStart: usize, entries: usize, spread: usize,
  outChannels: i32, pooledHeight: i32, pooledWidth: i32, size: i32, width: i32, stride: i32, batch: i32,
): void {
  const outWidth = pooledWidth * size;
  const line = outWidth * batch * 4;
  const runs = stride == 1 ? 1 : outWidth;
  const run = stride == 1 ? outWidth * batch : batch;
  for (let py = 0; py < pooledHeight; py++) {
    for (let k = 0; k < outChannels; k++) {
      const from = entries + (load<u32>(rowStart + (k << 2)) << 3);
      const to = entries + (load<u32>(rowStart + (k << 2), 4) << 3);
      const start = bias != 0 ? load<f32>(bias + (k << 2)) : 0;
      for (let r = 0; r < size; r++) {
        const image = x + (py * size + r) * width * stride * batch * 4;
        for (let i = 0; i < runs; i++) {
          gather(spread + r * line + i * run * 4, image + i * stride * batch * 4, start, from, to, run);
        }
      }
      const to0 = (k * pooledHeight + py) * pooledWidth * batch;
      poolRow(y + (to0 << 2), at + to0, spread, line, pooledWidth, size, size, batch);
    }
  }
}
