// Both gradients of a depthwise convolution. Every channel has `multiplier` filters of its own:
//
//   y[p, c·M + m] = Σ_t x[starts[p] + taps[t] + c] · w[t, c, m]
//   dw[t, c, m]   = Σ_p x[starts[p] + taps[t] + c] · dy[p, c·M + m]
//   dx[starts[p] + taps[t] + c] += Σ_m dy[p, c·M + m] · w[t, c, m]
//
// x and dx have margins, so that no window sticks out. Windows are taken `group` at a time (a row of the output), which
// stays in the first-level cache while all taps pass over it. The vector path is for M = 1, which is nearly every net.

export function depthwiseFilterGradient(
  x: usize, dy: usize, dw: usize,
  count: i32, group: i32, starts: usize,
  taps: usize, tapCount: i32,
  channels: i32, multiplier: i32,
): void {
  const outBytes = (channels * multiplier) << 2;
  memory.fill(dw, 0, <usize>(tapCount * outBytes));
  for (let first = 0; first < count; first += group) {
    const end = min(first + group, count);
    for (let t = 0; t < tapCount; t++) {
      const seen = x + (load<i32>(taps + (t << 2)) << 2);
      const sums = dw + t * outBytes;
      let c = 0;
      if (multiplier == 1) {
        for (; c + 8 <= channels; c += 8) {
          const at = c << 2;
          let low = v128.load(sums + at);
          let high = v128.load(sums + at, 16);
          for (let p = first; p < end; p++) {
            const pixel = seen + (load<i32>(starts + (p << 2)) << 2) + at;
            const gradient = dy + p * outBytes + at;
            low = f32x4.add(low, f32x4.mul(v128.load(pixel), v128.load(gradient)));
            high = f32x4.add(high, f32x4.mul(v128.load(pixel, 16), v128.load(gradient, 16)));
          }
          v128.store(sums + at, low);
          v128.store(sums + at, high, 16);
        }
      }
      for (; c < channels; c++) {
        for (let m = 0; m < multiplier; m++) {
          const at = (c * multiplier + m) << 2;
          let sum = load<f32>(sums + at);
          for (let p = first; p < end; p++) {
            sum += load<f32>(seen + ((load<i32>(starts + (p << 2)) + c) << 2)) * load<f32>(dy + p * outBytes + at);
          }
          store<f32>(sums + at, sum);
        }
      }
    }
  }
}

/** `dx`: zeros at first. */
export function depthwiseInputGradient(
  dy: usize, w: usize, dx: usize,
  count: i32, group: i32, starts: usize,
  taps: usize, tapCount: i32,
  channels: i32, multiplier: i32,
): void {
  const outBytes = (channels * multiplier) << 2;
  for (let first = 0; first < count; first += group) {
    const end = min(first + group, count);
    for (let t = 0; t < tapCount; t++) {
      const seen = dx + (load<i32>(taps + (t << 2)) << 2);
      const weights = w + t * outBytes;
      let c = 0;
      if (multiplier == 1) {
        for (; c + 8 <= channels; c += 8) {
          const at = c << 2;
          const low = v128.load(weights + at);
          const high = v128.load(weights + at, 16);
          for (let p = first; p < end; p++) {
            const pixel = seen + (load<i32>(starts + (p << 2)) << 2) + at;
            const gradient = dy + p * outBytes + at;
            v128.store(pixel, f32x4.add(v128.load(pixel), f32x4.mul(low, v128.load(gradient))));
            v128.store(pixel, f32x4.add(v128.load(pixel, 16), f32x4.mul(high, v128.load(gradient, 16))), 16);
          }
        }
      }
      for (; c < channels; c++) {
        for (let p = first; p < end; p++) {
          const pixel = seen + ((load<i32>(starts + (p << 2)) + c) << 2);
          let sum = load<f32>(pixel);
          for (let m = 0; m < multiplier; m++) {
            const at = (c * multiplier + m) << 2;
            sum += load<f32>(dy + p * outBytes + at) * load<f32>(weights + at);
          }
          store<f32>(pixel, sum);
        }
      }
    }
  }
}
