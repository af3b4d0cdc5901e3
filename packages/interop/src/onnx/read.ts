import type { Importer } from '@pare/core';
import { decodeMessage, scanFields } from '../protobuf/decode.ts';
import { readNetwork } from './network.ts';
import { MODEL } from './schema.ts';
import { externalFiles } from './tensor.ts';

/**
 * Reads ONNX models, tensors in files beside them included. What the house has no layer for becomes a foreign layer that keeps
 * its weights as they are in the file, and a note.
 *
 * @see github.com/onnx/onnx, docs/IR.md and docs/Operators.md
 */
export const onnx: Importer = {
  id: 'onnx',
  extensions: ['onnx'],
  recognizes({ name, bytes }) {
    const { fields, whole } = scanFields(bytes);
    const wires: Readonly<Record<number, number>> = {
      1: 0,
      2: 2,
      3: 2,
      4: 2,
      5: 0,
      6: 2,
      7: 2,
      8: 2,
      14: 2,
      20: 2,
      25: 2,
      26: 2,
    };
    const has = (number: number): boolean => fields.some((field) => field.number === number);
    const fits = fields.every(({ number, wire }) => wires[number] === wire);
    return fits && has(1) && (whole ? has(7) : name.toLowerCase().endsWith('.onnx'));
  },
  async read(source) {
    const proto = decodeMessage(MODEL, source.bytes);
    const { initializer = [], node = [], name } = proto.graph ?? {};
    const inNodes = node.flatMap(({ attribute = [] }) => attribute.flatMap(({ t }) => t ?? []));
    const external = await externalFiles([...initializer, ...inNodes], source);
    const fileBytes = [...external.values()].reduce((sum, { length }) => sum + length, source.bytes.length);
    const graph = readNetwork(proto, external, fileBytes);
    return {
      model: { ...(name && { name }), layers: graph.layers, weights: graph.weights, history: [] },
      notes: graph.notes,
    };
  },
};
