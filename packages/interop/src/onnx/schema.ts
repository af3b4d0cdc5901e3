import type { Schema } from '../protobuf/schema.ts';

// What is read and written of ONNX's messages; the names are those of its own `onnx.proto`.

export interface ModelProto {
  ir_version?: number;
  producer_name?: string;
  graph?: GraphProto;
  opset_import?: OperatorSetIdProto[];
}

export interface OperatorSetIdProto {
  domain?: string;
  version?: number;
}

export interface GraphProto {
  node?: NodeProto[];
  name?: string;
  initializer?: TensorProto[];
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
  value_info?: ValueInfoProto[];
}

export interface NodeProto {
  input?: string[];
  output?: string[];
  name?: string;
  op_type?: string;
  attribute?: AttributeProto[];
  domain?: string;
}

export interface AttributeProto {
  name?: string;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorProto;
  floats?: Float32Array;
  ints?: number[];
  /** 1 float, 2 int, 3 string, 4 tensor, 6 floats, 7 ints. */
  type?: number;
}

export interface TensorProto {
  dims?: number[];
  data_type?: number;
  float_data?: Float32Array;
  int32_data?: number[];
  int64_data?: number[];
  name?: string;
  raw_data?: Uint8Array;
  double_data?: Float64Array;
  uint64_data?: number[];
  external_data?: { key?: string; value?: string }[];
  /** 1: in a file beside. */
  data_location?: number;
}

export interface ValueInfoProto {
  name?: string;
  type?: { tensor_type?: { elem_type?: number; shape?: { dim?: Dimension[] } } };
}

export interface Dimension {
  dim_value?: number;
  dim_param?: string;
}

const TENSOR: Schema<TensorProto> = {
  dims: [1, 'ints'],
  data_type: [2, 'int'],
  float_data: [4, 'floats'],
  int32_data: [5, 'ints'],
  int64_data: [7, 'ints'],
  name: [8, 'string'],
  raw_data: [9, 'bytes'],
  double_data: [10, 'doubles'],
  uint64_data: [11, 'ints'],
  external_data: [13, { messages: { key: [1, 'string'], value: [2, 'string'] } }],
  data_location: [14, 'int'],
};

const ATTRIBUTE: Schema<AttributeProto> = {
  name: [1, 'string'],
  f: [2, 'float'],
  i: [3, 'int'],
  s: [4, 'bytes'],
  t: [5, { message: TENSOR }],
  floats: [7, 'floats'],
  ints: [8, 'ints'],
  type: [20, 'int'],
};

const NODE: Schema<NodeProto> = {
  input: [1, 'strings'],
  output: [2, 'strings'],
  name: [3, 'string'],
  op_type: [4, 'string'],
  attribute: [5, { messages: ATTRIBUTE }],
  domain: [7, 'string'],
};

const VALUE: Schema<ValueInfoProto> = {
  name: [1, 'string'],
  type: [
    2,
    {
      message: {
        tensor_type: [
          1,
          {
            message: {
              elem_type: [1, 'int'],
              shape: [2, { message: { dim: [1, { messages: { dim_value: [1, 'int'], dim_param: [2, 'string'] } }] } }],
            },
          },
        ],
      },
    },
  ],
};

const GRAPH: Schema<GraphProto> = {
  node: [1, { messages: NODE }],
  name: [2, 'string'],
  initializer: [5, { messages: TENSOR }],
  input: [11, { messages: VALUE }],
  output: [12, { messages: VALUE }],
  value_info: [13, { messages: VALUE }],
};

/** A `.onnx` file. */
export const MODEL: Schema<ModelProto> = {
  ir_version: [1, 'int'],
  producer_name: [2, 'string'],
  graph: [7, { message: GRAPH }],
  opset_import: [8, { messages: { domain: [1, 'string'], version: [2, 'int'] } }],
};
