// What is done to whole vectors before and after a product. Plain twins are one line of JavaScript.

/** y[i] = x[i]. */
export function copyNumbers(x: usize, count: i32, y: usize): void {
  memory.copy(y, x, <usize>count << 2);
}

/** y[i] = 0. */
export function zeroNumbers(y: usize, count: i32): void {
  memory.fill(y, 0, <usize>count << 2);
}

/** y[i] = clip(x[i]); y may be x. */
export function clipNumbers(x: usize, count: i32, least: f32, most: f32, y: usize): void {
  const last = x + (<usize>count << 2);
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (; x + 16 <= last; x += 16, y += 16) v128.store(y, f32x4.pmin(f32x4.pmax(v128.load(x), low), high));
  for (; x < last; x += 4, y += 4) store<f32>(y, min<f32>(most, max<f32>(least, load<f32>(x))));
}
