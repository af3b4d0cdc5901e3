// Everything the module exports. It has no memory of its own and no static data: all addresses come from the caller.
export { csrVector } from './csr';
