import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

/** Writes a PNG of one colour in each row: enough to tell pictures, and rows, apart. */
export function writePng(
  path: string,
  width: number,
  height: number,
  rowColour: (y: number) => readonly number[],
): void {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(rowColour(y), y * (1 + 3 * width) + 1 + 3 * x);
  }
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  // 8 bits of red, green and blue; deflated; filters by row (none); not interlaced
  const header = Buffer.concat([size, Uint8Array.of(8, 2, 0, 0, 0)]);
  writeFileSync(
    path,
    Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]),
  );
}

/** `length u32 | name | content | crc u32 of name and content` */
function chunk(name: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const out = Buffer.alloc(8 + named.length);
  out.writeUInt32BE(content.length, 0);
  named.copy(out, 4);
  out.writeUInt32BE(crc32(named), 4 + named.length);
  return out;
}
