import { BEGUN, CALLS_AT, ENDED, FAILED, IDLE, MOST_NUMBERS, POSTED, STARTING } from './mailbox.ts';

/**
 * What a thread does: wait for calls in its mailbox, make them, say so. It is text since every tool copes with that: a worker is made of it
 * without a file of its own, in Node and in pages, in ES modules and CommonJS, with any bundler or none.
 *
 * Its first message is `{ module, memory, mailbox, looks }`; it answers when it is ready for calls.
 */
export const threadSource: string = `
'use strict';
const node = globalThis.process && process.getBuiltinModule && process.getBuiltinModule('worker_threads');
const port = node ? node.parentPort : self;
const serve = ({ module, memory, mailbox, looks }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
  const state = new Int32Array(memory.buffer, mailbox, 1);
  const calls = new Float64Array(memory.buffer, mailbox + ${CALLS_AT}, ${MOST_NUMBERS});
  if (Atomics.compareExchange(state, 0, ${STARTING}, ${IDLE}) === ${STARTING}) port.postMessage('ready');
  for (let looked = 0; ; looked++) {
    const now = Atomics.load(state, 0);
    if (now === ${ENDED}) break;
    if (now !== ${POSTED} && looked > looks) Atomics.wait(state, 0, now);
    if (Atomics.compareExchange(state, 0, ${POSTED}, ${BEGUN}) !== ${POSTED}) continue;
    let next = ${IDLE};
    try {
      for (let at = 0; calls[at] > 0; at += 1 + calls[at]) kernels[calls[at + 1]](...calls.subarray(at + 2, at + 1 + calls[at]));
    } catch {
      next = ${FAILED};
    }
    Atomics.compareExchange(state, 0, ${BEGUN}, next);
    Atomics.notify(state, 0);
    looked = 0;
  }
  if (node) port.close();
};
if (node) port.once('message', serve);
else self.onmessage = ({ data }) => serve(data);
`;
