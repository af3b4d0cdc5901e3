import type { BitCoder } from './bit-coder.ts';
import { Mixture } from './mixture.ts';

/** What names and topologies are made of: the model of text reads it before it codes anything. A change makes another format. */
const PRIMER =
  'conv1\0conv2_1\0fc6\0ip1/kernel\0fire2/squeeze1x1\0fire3/expand3x3\0relu_pool1\0bn2a\0dropout\0concat\0softmax\0prob\0' +
  'block_1/depthwise/weights\0dense_1/bias\0{"name":"model","class_name":"Functional","config":{"layers":[null,true,false]}}\0';

/** Contexts in each hashed table. */
const SLOTS = 65536;

/** Texts are refused beyond this many bytes in all, or a few bytes could ask for any amount. */
const LONGEST_TEXT = 2 ** 24;

/**
 * Codes texts, as UTF-8 ended by a zero byte, with a mixture of the contexts of the last 0, 1, 2, 3 and 5 bytes, primed
 * with words that are frequent in networks.
 */
export class TextCoder {
  #mixture: Mixture | undefined;
  // The last five bytes, the latest lowest.
  #last = 0;
  #before = 0;
  #length = 0;

  /** @throws RangeError if the text holds a zero character, which ends texts */
  code(coder: BitCoder, text = ''): string {
    if (text.includes('\0')) throw new RangeError(`encodeModel: a text with a zero character: ${JSON.stringify(text)}`);
    if (!this.#mixture) {
      this.#mixture = new Mixture([256, SLOTS, SLOTS, SLOTS, SLOTS], [30, 40, 40, 40, 40]);
      const reading: BitCoder = { code: (bit) => bit, fail: (code) => coder.fail(code, 'in the primer') };
      for (const byte of new TextEncoder().encode(PRIMER)) this.#codeByte(reading, this.#mixture, byte);
    }
    const given = new TextEncoder().encode(`${text}\0`);
    const bytes: number[] = [];
    for (let i = 0; ; i++) {
      const byte = this.#codeByte(coder, this.#mixture, given[i] ?? 0);
      if (byte === 0) break;
      bytes.push(byte);
      if (++this.#length > LONGEST_TEXT) coder.fail('limit', 'texts of over 16 MiB');
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    } catch {
      return coder.fail('not-text', 'a text that is not UTF-8');
    }
  }

  #codeByte(coder: BitCoder, mixture: Mixture, byte: number): number {
    const { slots } = mixture;
    const last = this.#last;
    const order1 = last & 0xff;
    // Multiplicative hashes of the contexts; the node in the byte's tree is added below. 0x9e3779b1 is 2³² / golden ratio.
    const order2 = hash(last & 0xffff, 2);
    const order3 = hash(last & 0xffffff, 3);
    const order5 = hash(last ^ Math.imul(this.#before + 1, 0x2c1b3c6d), 5);
    let node = 1;
    for (let i = 7; i >= 0; i--) {
      slots[0] = node;
      slots[1] = order1 * 256 + node;
      slots[2] = (order2 + Math.imul(node, 0x9e35)) & (SLOTS - 1);
      slots[3] = (order3 + Math.imul(node, 0x9e35)) & (SLOTS - 1);
      slots[4] = (order5 + Math.imul(node, 0x9e35)) & (SLOTS - 1);
      node = node * 2 + mixture.code(coder, (byte >>> i) & 1);
    }
    this.#before = last >>> 24;
    this.#last = (last << 8) | (node & 0xff);
    return node & 0xff;
  }
}

const hash = (context: number, order: number): number => Math.imul(context + order, 0x9e3779b1) >>> 16;
