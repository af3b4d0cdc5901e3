import { CorruptDataError, MissingPartError, seededRandom } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { Hdf5File } from '../src/keras/hdf5/file.ts';
import { type Hdf5Object, isHdf5, openHdf5 } from '../src/keras/hdf5/open.ts';
import { toFloat32 } from '../src/numbers.ts';
import { type H5, writeHdf5 } from './_hdf5.ts';

const random = seededRandom(5);
const drawn = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.float() - 0.5);

/** More members and attributes than fit into a header: newer versions of the format put them into heaps with trees. */
const crowd = (count: number): H5 => ({
  members: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `group ${i}`,
      { attributes: { name: `number ${i} é` }, members: { numbers: { data: drawn(6), shape: [2, 3] } } },
    ]),
  ),
  attributes: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`attribute ${i}`, `value ${i}`])),
});

const numbersAt = (root: Hdf5Object, path: string): Float32Array | undefined => {
  const data = root.find(path)?.data();
  return data?.type.kind === 'number' ? toFloat32(data.bytes(), data.type.type, data.type.littleEndian) : undefined;
};

describe.each(['earliest', 'v108', 'v110', 'latest'] as const)(
  'files as the HDF5 library writes them, %s',
  (version) => {
    test.each([3, 40, 700])('%i groups', async (count) => {
      const file = crowd(count);
      const root = openHdf5(await writeHdf5(file, version));
      expect([...root.members()].sort()).toEqual(Object.keys(file.members!).sort());
      for (const [name, member] of Object.entries(file.members!)) {
        expect(root.find(name)?.attribute('name')).toEqual([member.attributes!.name]);
        expect(numbersAt(root, `${name}/numbers`)).toEqual(member.members!.numbers!.data);
      }
      for (const [name, value] of Object.entries(file.attributes!)) expect(root.attribute(name)).toEqual([value]);
    });

    test('texts and numbers in attributes', async () => {
      const attributes = { long: 'x'.repeat(100_000), list: ['a', 'bcd', ''], numbers: Float64Array.of(1.5, -2) };
      const root = openHdf5(await writeHdf5({ attributes }, version));
      expect(root.attribute('long')).toEqual([attributes.long]);
      expect(root.attribute('list')).toEqual(attributes.list);
      expect(root.attribute('numbers')).toEqual([1.5, -2]);
      expect(root.attribute('none')).toBeUndefined();
    });

    test('numbers of other types', async () => {
      const members: Record<string, H5> = {
        double: { data: Float64Array.of(1.5, 1e10) },
        small: { data: Int8Array.of(-3, 100) },
        whole: { data: Uint32Array.of(7, 2 ** 31) },
        one: { data: Float32Array.of(4), shape: [] },
        none: { data: new Float32Array(0), shape: [0, 3] },
      };
      const root = openHdf5(await writeHdf5({ members }, version));
      for (const [name, { data, shape }] of Object.entries(members)) {
        expect(numbersAt(root, name), name).toEqual(Float32Array.from(data!));
        if (shape) expect(root.find(name)?.data()?.shape).toEqual(shape);
      }
    });
  },
);

test('numbers with their highest byte first', async () => {
  const bytes = await writeHdf5({ members: { x: { data: Float32Array.of(1, -2.5) } } });
  // The datatype: class 1, version 1 | flags | 4 bytes. Bit 0 of the flags is the order of the bytes.
  const at = Buffer.from(bytes).indexOf(Buffer.from([0x11, 0x20, 0x1f, 0x00, 4, 0, 0, 0]));
  bytes[at + 1]! |= 1;
  const data = openHdf5(bytes).find('x')!.data()!;
  expect(data.type).toMatchObject({ type: 'float32', littleEndian: false });
  expect(numbersAt(openHdf5(bytes), 'x')).toEqual(toFloat32(data.bytes(), 'float32', false));
});

describe('data in chunks', () => {
  test.each([
    { shape: [3000], chunks: [7] },
    { shape: [37, 11], chunks: [8, 4] },
    { shape: [5, 7, 9], chunks: [2, 3, 4], deflate: 6 },
    { shape: [4, 4], chunks: [4, 4], deflate: 1 },
  ])('$shape in chunks of $chunks', async ({ shape, chunks, deflate }) => {
    const data = drawn(shape.reduce((a, b) => a * b));
    const bytes = await writeHdf5({ members: { x: { data, shape, chunks, ...(deflate && { deflate }) } } });
    expect(numbersAt(openHdf5(bytes), 'x')).toEqual(data);
  });

  test('as the newest version lays them out: named, with a repair', async () => {
    const bytes = await writeHdf5({ members: { x: { data: drawn(100), chunks: [10] } } }, 'latest');
    expect(() => openHdf5(bytes).find('x')?.data()).toThrow(MissingPartError);
    expect(() => openHdf5(bytes).find('x')?.data()).toThrow('h5repack');
  });
});

describe('what is no HDF5 file', () => {
  test('is told at once', () => {
    expect(isHdf5(new Uint8Array(100))).toBe(false);
    expect(() => openHdf5(new Uint8Array(100))).toThrow(new CorruptDataError('bad-signature', 0, 'not an HDF5 file'));
  });
});

describe('damaged files', () => {
  /** Reads everything that is there. */
  const readAll = (object: Hdf5Object, depth = 0): number => {
    object.attribute('name');
    const data = object.data();
    if (data) return data.bytes().length;
    if (depth > 50) return 0;
    return object.members().reduce((sum, name) => sum + readAll(object.find(name)!, depth + 1), 0);
  };
  const outcome = (bytes: Uint8Array): unknown => {
    try {
      return readAll(openHdf5(bytes));
    } catch (error) {
      return error;
    }
  };

  test.each(['earliest', 'v108', 'latest'] as const)('of version %s end in an error that says so', async (version) => {
    const chunked = version === 'latest' ? {} : { x: { data: drawn(60), shape: [10, 6], chunks: [3, 4], deflate: 3 } };
    const whole = await writeHdf5({ ...crowd(12), members: { ...crowd(12).members, ...chunked } }, version);
    expect(outcome(whole)).toBeTypeOf('number');
    const chance = random.fork(version);
    for (let run = 0; run < 3000; run++) {
      const bytes = run % 4 === 0 ? whole.slice(0, chance.integer(whole.length)) : whole.slice();
      for (let n = chance.integer(4); n >= 0 && bytes.length > 0; n--) {
        bytes[chance.integer(bytes.length)] = chance.float() < 0.3 ? 255 : chance.integer(256);
      }
      const result = outcome(bytes);
      const typed = result instanceof CorruptDataError || result instanceof MissingPartError;
      expect(typeof result === 'number' || typed, `run ${run}: ${result}`).toBe(true);
    }
  });

  test('a group that contains itself ends', async () => {
    const bytes = await writeHdf5({ members: { a: { members: { b: { members: {} } } } } });
    // The address of the root stands in the superblock at 64; every other group's address becomes that.
    const view = new DataView(bytes.buffer);
    const root = view.getBigUint64(64, true);
    const inner = openHdf5(bytes);
    expect(inner.find('a/b')).toBeDefined();
    for (let at = 96; at + 8 <= bytes.length; at++) {
      const found = view.getBigUint64(at, true);
      if (found > root && found < bytes.length && bytes[Number(found)] === 1 && bytes[Number(found) + 1] === 0) {
        const damaged = bytes.slice();
        new DataView(damaged.buffer).setBigUint64(at, root, true);
        expect(['number', 'object']).toContain(typeof outcome(damaged));
      }
    }
  });

  test('chunks that claim more than a file can hold are not allocated', async () => {
    const bytes = await writeHdf5({ members: { x: { data: drawn(64), shape: [64], chunks: [8] } } });
    // Its extent, 64, stands as u64 in the dataspace.
    const view = new DataView(bytes.buffer);
    let damaged = 0;
    for (let at = 0; at + 8 <= bytes.length; at++) {
      if (view.getBigUint64(at, true) !== 64n) continue;
      const copy = bytes.slice();
      new DataView(copy.buffer).setBigUint64(at, 2n ** 34n, true);
      const result = outcome(copy);
      if (result instanceof CorruptDataError && result.code === 'limit') damaged++;
    }
    expect(damaged).toBeGreaterThan(0);
  });
});

test('a text that is named again and again counts each time', () => {
  const bytes = new Uint8Array(2 ** 18).fill(0x61);
  bytes[bytes.length - 1] = 0;
  const file = new Hdf5File(bytes);
  expect(() => {
    for (let i = 0; i < 1000; i++) file.at(0).text();
  }).toThrow(expect.objectContaining({ name: 'CorruptDataError', code: 'limit' }));
});
