/** Says of each weight what a wrong decoder would get wrong; made in Node and in the browser, and compared. */
export const summarize = (model) =>
  model.weights.map(({ name, shape, form }) => ({
    name,
    shape,
    kind: form.kind,
    arrays: Object.entries(form)
      .filter(([, value]) => ArrayBuffer.isView(value))
      .map(([key, values]) => [key, values.length, fingerprint(values)]),
  }));

/** FNV-1a over the bytes. */
function fingerprint(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
}
