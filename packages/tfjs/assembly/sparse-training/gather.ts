// 6: V8 loads all operands of a loop body before it multiplies; more than 6 sums at once and they spill to the stack.
const BLOCK: i32 = 24; // floats in 6 vectors

/** out[0…length) = start + Σ_entries weight · base[offset + 0…length) */
export function gather(out: usize, base: usize, start: f32, from: usize, to: usize, length: i32): void {
  const first = f32x4.splat(start);
  while (length >= BLOCK) {
    let a = first, b = first, c = first, d = first, e = first, f = first;
    for (let entry = from; entry < to; entry += 8) {
      const x = base + load<u32>(entry);
      const w = v128.load32_splat(entry, 4);
      a = f32x4.add(a, f32x4.mul(w, v128.load(x, 0)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(x, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(x, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(x, 48)));
      e = f32x4.add(e, f32x4.mul(w, v128.load(x, 64)));
      f = f32x4.add(f, f32x4.mul(w, v128.load(x, 80)));
    }
    v128.store(out, a, 0); v128.store(out, b, 16); v128.store(out, c, 32);
    v128.store(out, d, 48); v128.store(out, e, 64); v128.store(out, f, 80);
    out += 96; base += 96; length -= BLOCK;
  }
  if (length >= 16) {
    let a = first, b = first, c = first, d = first;
    for (let entry = from; entry < to; entry += 8) {
      const x = base + load<u32>(entry);
      const w = v128.load32_splat(entry, 4);
      a = f32x4.add(a, f32x4.mul(w, v128.load(x, 0)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(x, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(x, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(x, 48)));
    }
    v128.store(out, a, 0); v128.store(out, b, 16); v128.store(out, c, 32); v128.store(out, d, 48);
    out += 64; base += 64; length -= 16;
  }
  while (length >= 4) {
    let a = first;
    for (let entry = from; entry < to; entry += 8) {
      a = f32x4.add(a, f32x4.mul(v128.load32_splat(entry, 4), v128.load(base + load<u32>(entry))));
    }
    v128.store(out, a);
    out += 16; base += 16; length -= 4;
  }
  for (; length > 0; length--) {
    let a = start;
    for (let entry = from; entry < to; entry += 8) a += load<f32>(entry, 4) * load<f32>(base + load<u32>(entry));
    store<f32>(out, a);
    out += 4; base += 4;
  }
}
