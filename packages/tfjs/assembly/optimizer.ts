// The step of an optimiser, in place, in one pass over the memory. `mask` 0: there is none. Written once, run for vectors and
// for the last 0…3 weights by the same formula, so that a weight's step does not depend on its place.

/** v ← momentum·v + g + decay·w;  w ← (w − rate·v)·mask. */
export function momentumStep(
  w: usize, v: usize, g: usize, mask: usize, count: i32,
  rate: f32, momentum: f32, decay: f32,
): void {
  const rates = f32x4.splat(rate), momentums = f32x4.splat(momentum), decays = f32x4.splat(decay);
  let i = count;
  for (; i >= 4; i -= 4) {
    const weight = v128.load(w);
    const pull = f32x4.add(v128.load(g), f32x4.mul(decays, weight));
    const velocity = f32x4.add(f32x4.mul(momentums, v128.load(v)), pull);
    v128.store(v, velocity);
    let next = f32x4.sub(weight, f32x4.mul(rates, velocity));
    if (mask) {
      next = f32x4.mul(next, v128.load(mask));
      mask += 16;
    }
    v128.store(w, next);
    w += 16;
    v += 16;
    g += 16;
  }
  for (; i > 0; i--) {
    const weight = load<f32>(w);
    const pull = load<f32>(g) + decay * weight;
    const velocity = momentum * load<f32>(v) + pull;
    store<f32>(v, velocity);
    let next = weight - rate * velocity;
    if (mask) {
      next *= load<f32>(mask);
      mask += 4;
    }
    store<f32>(w, next);
    w += 4;
    v += 4;
    g += 4;
  }
}

/**
 * m ← beta1·m + (1 − beta1)·g;  s ← beta2·s + (1 − beta2)·g²  (g with decay·w added);
 * w ← (w − rate·(m·correction1) / (√(s·correction2) + epsilon))·mask, correction_i = 1 / (1 − beta_i^step).
 */
export function adamStep(
  w: usize, m: usize, s: usize, g: usize, mask: usize, count: i32,
  rate: f32, beta1: f32, beta2: f32, correction1: f32, correction2: f32, epsilon: f32, decay: f32,
): void {
  const rest1: f32 = 1 - beta1, rest2: f32 = 1 - beta2;
  let i = count;
  for (; i >= 4; i -= 4) {
    const weight = v128.load(w);
    const pull = f32x4.add(v128.load(g), f32x4.mul(f32x4.splat(decay), weight));
    const first = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m)), f32x4.mul(f32x4.splat(rest1), pull));
    const square = f32x4.mul(f32x4.splat(rest2), f32x4.mul(pull, pull));
    const second = f32x4.add(f32x4.mul(f32x4.splat(beta2), v128.load(s)), square);
    v128.store(m, first);
    v128.store(s, second);
    const size = f32x4.add(f32x4.sqrt(f32x4.mul(second, f32x4.splat(correction2))), f32x4.splat(epsilon));
    const direction = f32x4.div(f32x4.mul(first, f32x4.splat(correction1)), size);
    let next = f32x4.sub(weight, f32x4.mul(f32x4.splat(rate), direction));
    if (mask) {
      next = f32x4.mul(next, v128.load(mask));
      mask += 16;
    }
    v128.store(w, next);
    w += 16;
    m += 16;
    s += 16;
    g += 16;
  }
  for (; i > 0; i--) {
    const weight = load<f32>(w);
    const pull = load<f32>(g) + decay * weight;
    const first = beta1 * load<f32>(m) + rest1 * pull;
    const second = beta2 * load<f32>(s) + rest2 * (pull * pull);
    store<f32>(m, first);
    store<f32>(s, second);
    const direction: f32 = (first * correction1) / (sqrt<f32>(second * correction2) + epsilon);
    let next: f32 = weight - rate * direction;
    if (mask) {
      next *= load<f32>(mask);
      mask += 4;
    }
    store<f32>(w, next);
    w += 4;
    m += 4;
    s += 4;
    g += 4;
  }
}
