import type { EnumType, Schema } from '../protobuf/schema.ts';

// What is read of Caffe's messages; the names are those of its own `caffe.proto`, which `.prototxt` files use.

export interface NetParameter {
  name?: string;
  layer?: LayerParameter[];
  /** The layers of files from before 2014. */
  layers?: LayerParameter[];
  input?: string[];
  input_dim?: number[];
  input_shape?: BlobShape[];
}

export interface BlobShape {
  dim?: number[];
}

export interface BlobProto {
  num?: number;
  channels?: number;
  height?: number;
  width?: number;
  data?: Float32Array;
  double_data?: Float64Array;
  shape?: BlobShape;
  /** Of NVIDIA's Caffe, as is `raw_data`. */
  raw_data_type?: string;
  raw_data?: Uint8Array;
}

export interface NetStateRule {
  phase?: string;
}

export interface LayerParameter {
  name?: string;
  type?: string;
  bottom?: string[];
  top?: string[];
  blobs?: BlobProto[];
  include?: NetStateRule[];
  exclude?: NetStateRule[];
  transform_param?: TransformationParameter;
  batch_norm_param?: { eps?: number };
  concat_param?: { axis?: number; concat_dim?: number };
  convolution_param?: ConvolutionParameter;
  eltwise_param?: { operation?: string; coeff?: Float32Array };
  elu_param?: { alpha?: number };
  inner_product_param?: { num_output?: number; bias_term?: boolean; axis?: number; transpose?: boolean };
  input_param?: { shape?: BlobShape[] };
  lrn_param?: { local_size?: number; alpha?: number; beta?: number; norm_region?: string; k?: number };
  memory_data_param?: { channels?: number; height?: number; width?: number };
  pooling_param?: PoolingParameter;
  relu_param?: { negative_slope?: number };
  reshape_param?: { shape?: BlobShape };
  scale_param?: { axis?: number; bias_term?: boolean };
  softmax_param?: { axis?: number };
}

export interface TransformationParameter {
  scale?: number;
  crop_size?: number;
  mean_file?: string;
  mean_value?: Float32Array;
}

export interface ConvolutionParameter {
  num_output?: number;
  bias_term?: boolean;
  pad?: number[];
  kernel_size?: number[];
  group?: number;
  stride?: number[];
  pad_h?: number;
  pad_w?: number;
  kernel_h?: number;
  kernel_w?: number;
  stride_h?: number;
  stride_w?: number;
  axis?: number;
  dilation?: number[];
}

export interface PoolingParameter {
  pool?: string;
  kernel_size?: number;
  stride?: number;
  pad?: number;
  kernel_h?: number;
  kernel_w?: number;
  stride_h?: number;
  stride_w?: number;
  pad_h?: number;
  pad_w?: number;
  global_pooling?: boolean;
  round_mode?: string;
}

const SHAPE: Schema<BlobShape> = { dim: [1, 'ints'] };

const BLOB: Schema<BlobProto> = {
  num: [1, 'int'],
  channels: [2, 'int'],
  height: [3, 'int'],
  width: [4, 'int'],
  data: [5, 'floats'],
  shape: [7, { message: SHAPE }],
  double_data: [8, 'doubles'],
  raw_data_type: [10, { names: { 0: 'DOUBLE', 1: 'FLOAT', 2: 'FLOAT16' } }],
  raw_data: [12, 'bytes'],
};

const PHASE: EnumType = { names: { 0: 'TRAIN', 1: 'TEST' } };
const RULE: Schema<NetStateRule> = { phase: [1, PHASE] };

const TRANSFORMATION: Schema<TransformationParameter> = {
  scale: [1, 'float'],
  crop_size: [3, 'int'],
  mean_file: [4, 'string'],
  mean_value: [5, 'floats'],
};

const CONVOLUTION: Schema<ConvolutionParameter> = {
  num_output: [1, 'int'],
  bias_term: [2, 'bool'],
  pad: [3, 'ints'],
  kernel_size: [4, 'ints'],
  group: [5, 'int'],
  stride: [6, 'ints'],
  pad_h: [9, 'int'],
  pad_w: [10, 'int'],
  kernel_h: [11, 'int'],
  kernel_w: [12, 'int'],
  stride_h: [13, 'int'],
  stride_w: [14, 'int'],
  axis: [16, 'int'],
  dilation: [18, 'ints'],
};

const POOLING: Schema<PoolingParameter> = {
  pool: [1, { names: { 0: 'MAX', 1: 'AVE', 2: 'STOCHASTIC' } }],
  kernel_size: [2, 'int'],
  stride: [3, 'int'],
  pad: [4, 'int'],
  kernel_h: [5, 'int'],
  kernel_w: [6, 'int'],
  stride_h: [7, 'int'],
  stride_w: [8, 'int'],
  pad_h: [9, 'int'],
  pad_w: [10, 'int'],
  global_pooling: [12, 'bool'],
  round_mode: [13, { names: { 0: 'CEIL', 1: 'FLOOR' } }],
};

type Parameters = Omit<
  LayerParameter,
  'name' | 'type' | 'bottom' | 'top' | 'blobs' | 'include' | 'exclude' | 'transform_param'
>;

/** The fields of a layer have other numbers in old files; their types are the same. */
const parameters = (numbers: Readonly<Record<keyof Parameters, number>>): Schema<Parameters> => ({
  batch_norm_param: [numbers.batch_norm_param, { message: { eps: [3, 'float'] } }],
  concat_param: [numbers.concat_param, { message: { axis: [2, 'int'], concat_dim: [1, 'int'] } }],
  convolution_param: [numbers.convolution_param, { message: CONVOLUTION }],
  eltwise_param: [
    numbers.eltwise_param,
    { message: { operation: [1, { names: { 0: 'PROD', 1: 'SUM', 2: 'MAX' } }], coeff: [2, 'floats'] } },
  ],
  elu_param: [numbers.elu_param, { message: { alpha: [1, 'float'] } }],
  inner_product_param: [
    numbers.inner_product_param,
    { message: { num_output: [1, 'int'], bias_term: [2, 'bool'], axis: [5, 'int'], transpose: [6, 'bool'] } },
  ],
  input_param: [numbers.input_param, { message: { shape: [1, { messages: SHAPE }] } }],
  lrn_param: [
    numbers.lrn_param,
    {
      message: {
        local_size: [1, 'int'],
        alpha: [2, 'float'],
        beta: [3, 'float'],
        norm_region: [4, { names: { 0: 'ACROSS_CHANNELS', 1: 'WITHIN_CHANNEL' } }],
        k: [5, 'float'],
      },
    },
  ],
  memory_data_param: [
    numbers.memory_data_param,
    { message: { channels: [2, 'int'], height: [3, 'int'], width: [4, 'int'] } },
  ],
  pooling_param: [numbers.pooling_param, { message: POOLING }],
  relu_param: [numbers.relu_param, { message: { negative_slope: [1, 'float'] } }],
  reshape_param: [numbers.reshape_param, { message: { shape: [1, { message: SHAPE }] } }],
  scale_param: [numbers.scale_param, { message: { axis: [1, 'int'], bias_term: [4, 'bool'] } }],
  softmax_param: [numbers.softmax_param, { message: { axis: [2, 'int'] } }],
});

const LAYER: Schema<LayerParameter> = {
  name: [1, 'string'],
  type: [2, 'string'],
  bottom: [3, 'strings'],
  top: [4, 'strings'],
  blobs: [7, { messages: BLOB }],
  include: [8, { messages: RULE }],
  exclude: [9, { messages: RULE }],
  transform_param: [100, { message: TRANSFORMATION }],
  ...parameters({
    batch_norm_param: 139,
    concat_param: 104,
    convolution_param: 106,
    eltwise_param: 110,
    elu_param: 140,
    inner_product_param: 117,
    input_param: 143,
    lrn_param: 118,
    memory_data_param: 119,
    pooling_param: 121,
    relu_param: 123,
    reshape_param: 133,
    scale_param: 142,
    softmax_param: 125,
  }),
};

/** The types of old layers, under the names they have today. */
const OLD_TYPES: EnumType = {
  names: {
    1: 'Accuracy',
    2: 'BNLL',
    3: 'Concat',
    4: 'Convolution',
    5: 'Data',
    6: 'Dropout',
    7: 'EuclideanLoss',
    8: 'Flatten',
    9: 'HDF5Data',
    10: 'HDF5Output',
    11: 'Im2col',
    12: 'ImageData',
    13: 'InfogainLoss',
    14: 'InnerProduct',
    15: 'LRN',
    16: 'MultinomialLogisticLoss',
    17: 'Pooling',
    18: 'ReLU',
    19: 'Sigmoid',
    20: 'Softmax',
    21: 'SoftmaxWithLoss',
    22: 'Split',
    23: 'TanH',
    24: 'WindowData',
    25: 'Eltwise',
    26: 'Power',
    27: 'SigmoidCrossEntropyLoss',
    28: 'HingeLoss',
    29: 'MemoryData',
    30: 'ArgMax',
    31: 'Threshold',
    32: 'DummyData',
    33: 'Slice',
    34: 'MVN',
    35: 'AbsVal',
    36: 'Silence',
    37: 'ContrastiveLoss',
    38: 'Exp',
    39: 'Deconvolution',
  },
};

// What old layers did not have yet gets numbers that no field has.
const OLD_LAYER: Schema<LayerParameter> = {
  bottom: [2, 'strings'],
  top: [3, 'strings'],
  name: [4, 'string'],
  type: [5, OLD_TYPES],
  blobs: [6, { messages: BLOB }],
  include: [32, { messages: RULE }],
  exclude: [33, { messages: RULE }],
  transform_param: [36, { message: TRANSFORMATION }],
  ...parameters({
    batch_norm_param: 500_000_001,
    concat_param: 9,
    convolution_param: 10,
    eltwise_param: 24,
    elu_param: 500_000_002,
    inner_product_param: 17,
    input_param: 500_000_003,
    lrn_param: 18,
    memory_data_param: 22,
    pooling_param: 19,
    relu_param: 30,
    reshape_param: 500_000_004,
    scale_param: 500_000_005,
    softmax_param: 39,
  }),
};

/** A network of Caffe, as `.caffemodel` (binary, with weights) and `.prototxt` (text, without) hold it. */
export const NET: Schema<NetParameter> = {
  name: [1, 'string'],
  layers: [2, { messages: OLD_LAYER }],
  input: [3, 'strings'],
  input_dim: [4, 'ints'],
  input_shape: [8, { messages: SHAPE }],
  layer: [100, { messages: LAYER }],
};
