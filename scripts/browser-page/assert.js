/** As much of node:assert/strict as the tasks use. */
const fail = (message) => {
  throw new Error(message);
};

const plain = (value) =>
  JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? { [part.constructor.name]: [...part] } : part));

export default {
  ok: (value) => value || fail(`${value} is not true`),
  equal: (got, wanted) => Object.is(got, wanted) || fail(`expected ${wanted}, got ${got}`),
  match: (text, pattern) => pattern.test(text) || fail(`expected ${pattern}, got ${text}`),
  deepEqual: (got, wanted) => plain(got) === plain(wanted) || fail(`expected ${plain(wanted)}, got ${plain(got)}`),
};
