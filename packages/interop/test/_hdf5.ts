import * as h5wasm from 'h5wasm';

/** A group or a dataset, to be written. */
export interface H5 {
  readonly attributes?: Readonly<Record<string, string | readonly string[] | Float64Array>>;
  readonly members?: Readonly<Record<string, H5>>;
  readonly data?: Float32Array | Float64Array | Int8Array | Uint32Array;
  readonly shape?: readonly number[];
  readonly chunks?: readonly number[];
  /** 1 … 9. */
  readonly deflate?: number;
}

let count = 0;

/** Writes an HDF5 file with the HDF Group's own library, so that reading it tests more than that we agree with ourselves. */
export async function writeHdf5(
  root: H5,
  libver: 'earliest' | 'v108' | 'v110' | 'latest' = 'earliest',
): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready;
  const name = `/written${count++}.h5`;
  const file = new h5wasm.File(name, 'w', {
    libver: [libver, libver === 'earliest' ? 'latest' : libver],
  });
  write(file, root);
  file.close();
  const bytes = (FS as { readFile(path: string): Uint8Array; unlink(path: string): void }).readFile(name);
  (FS as { unlink(path: string): void }).unlink(name);
  return bytes;
}

function write(group: h5wasm.Group, { attributes = {}, members = {} }: H5): void {
  setAttributes(group, attributes);
  for (const [name, member] of Object.entries(members)) {
    const { data, shape, chunks, deflate } = member;
    if (!data) {
      write(group.create_group(name), member);
      continue;
    }
    const dataset = group.create_dataset({
      name,
      data,
      shape: [...(shape ?? [data.length])],
      ...(chunks && { chunks: [...chunks] }),
      ...(deflate && { compression: deflate }),
    });
    setAttributes(dataset, member.attributes ?? {});
  }
}

function setAttributes(object: h5wasm.Group | h5wasm.Dataset, attributes: NonNullable<H5['attributes']>): void {
  for (const [name, value] of Object.entries(attributes)) {
    object.create_attribute(name, Array.isArray(value) ? [...value] : (value as string));
  }
}
