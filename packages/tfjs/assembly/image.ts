// Margins around images, and the way back from patches to the image they were taken from.
// An image is rows of `width` floats (pixels times channels), without or with margins.

/** to = from with margins of zeros; whatever of `from` lies outside of `to` is left out. */
export function padImages(
  from: usize, to: usize, images: i32,
  rows: i32, width: i32,
  toRows: i32, toWidth: i32,
  top: i32, left: i32,
): void {
  memory.fill(to, 0, <usize>(images * toRows * toWidth) << 2);
  const copiedRows = min(rows, toRows - top);
  const copiedBytes = <usize>min(width, toWidth - left) << 2;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < copiedRows; row++) {
      memory.copy(
        to + (((image * toRows + top + row) * toWidth + left) << 2),
        from + (((image * rows + row) * width) << 2),
        copiedBytes,
      );
    }
  }
}

/** to = the part of `from` inside its margins: the reverse of `padImages`. What `from` does not have is zero. */
export function cropImages(
  from: usize, to: usize, images: i32,
  rows: i32, width: i32,
  fromRows: i32, fromWidth: i32,
  top: i32, left: i32,
): void {
  const copiedRows = min(rows, fromRows - top);
  const copied = min(width, fromWidth - left);
  if (copiedRows < rows || copied < width) memory.fill(to, 0, <usize>(images * rows * width) << 2);
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < copiedRows; row++) {
      memory.copy(
        to + (((image * rows + row) * width) << 2),
        from + (((image * fromRows + top + row) * fromWidth + left) << 2),
        <usize>copied << 2,
      );
    }
  }
}

/**
 * Adds patches to the image they belong to: the transpose of taking patches ("col2im").
 *
 * A patch consists of `runs` runs of `runLength` floats that are neighbours in the image as well (a row of a window, all its
 * channels): image[starts[p] + offsets[r] + i] += patches[p, r, i].
 */
export function addPatches(
  image: usize, patches: usize, count: i32, starts: usize,
  offsets: usize, runs: i32, runLength: i32,
): void {
  for (let p = 0; p < count; p++) {
    const start = image + (load<i32>(starts + (p << 2)) << 2);
    for (let r = 0; r < runs; r++) {
      let to = start + (load<i32>(offsets + (r << 2)) << 2);
      let i = runLength;
      for (; i >= 4; i -= 4) {
        v128.store(to, f32x4.add(v128.load(to), v128.load(patches)));
        to += 16;
        patches += 16;
      }
      for (; i > 0; i--) {
        store<f32>(to, load<f32>(to) + load<f32>(patches));
        to += 4;
        patches += 4;
      }
    }
  }
}
