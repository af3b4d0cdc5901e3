"""Writes onnx.json beside it: small models made with the onnx package, and what onnxruntime computes for some of them.
Run: python3 make-onnx.py (needs onnx, onnxruntime, numpy)"""
import base64, json, os
import numpy as np, onnx, onnxruntime
from onnx import TensorProto as T, helper as h, numpy_helper as nh

rng = np.random.default_rng(1)
def weights(*shape, scale=0.5):
    return (rng.standard_normal(shape) * scale).astype('<f4')
def raw(name, a):
    return nh.from_array(np.asarray(a), name)
def listed(name, a):  # numbers in a field of their own instead of raw bytes
    return h.make_tensor(name, T.FLOAT, a.shape, a.flatten().tolist())
def model(nodes, inputs, outputs, tensors, opset=17, infos=()):
    value = lambda n, s: h.make_tensor_value_info(n, T.FLOAT, s)
    graph = h.make_graph(nodes, 'tiny', [value(*i) for i in inputs], [value(*o) for o in outputs], tensors,
                         value_info=[value(*i) for i in infos])
    m = h.make_model(graph, opset_imports=[h.make_opsetid('', opset)], ir_version=8)
    onnx.checker.check_model(m)
    return m
n = h.make_node
def coded(m): return base64.b64encode(m.SerializeToString()).decode()

cases = {}
def case(name, m, shape=None):
    cases[name] = {'model': coded(m)}
    if shape:
        x = rng.standard_normal(shape).astype('f4')
        session = onnxruntime.InferenceSession(m.SerializeToString())
        y = session.run(None, {session.get_inputs()[0].name: x})[0]
        cases[name].update(input=[round(float(v), 7) for v in x.flatten()], output=[float(v) for v in y.flatten()])

case('network', model([
    n('Conv', ['x', 'c1.w', 'c1.b'], ['a'], 'conv1', kernel_shape=[3, 3], pads=[0, 1, 2, 1], strides=[2, 1]),
    n('BatchNormalization', ['a', 'bn.g', 'bn.b', 'bn.m', 'bn.v'], ['b'], 'bn', epsilon=0.01),
    n('Relu', ['b'], ['c'], 'relu'),
    n('MaxPool', ['c'], ['d'], 'pool', kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    n('Conv', ['d', 'c2.w'], ['e'], 'conv2', group=2, dilations=[2, 1], pads=[2, 0, 2, 0]),
    n('Add', ['c2.b', 'e'], ['f'], 'add_bias'),
    n('Clip', ['f', 'zero', 'six'], ['g'], 'clip'),
    n('Conv', ['d', 'c3.w'], ['i'], 'conv3', auto_pad='SAME_UPPER', strides=[1, 2]),
    n('Conv', ['g', 'c4.w'], ['j'], 'conv4', strides=[1, 1]),
    n('AveragePool', ['j'], ['k'], 'mean', kernel_shape=[2, 2], pads=[1, 0, 0, 1]),
    n('LRN', ['k'], ['l'], 'lrn', size=3, alpha=0.3, beta=0.5, bias=2.0),
    n('Concat', ['l', 'k'], ['m'], 'concat', axis=1),
    n('Dropout', ['m'], ['n'], 'drop'),
    n('Flatten', ['n'], ['o'], 'flat'),
    n('Gemm', ['o', 'fc.w', 'fc.b'], ['p'], 'fc'),
    n('Tanh', ['p'], ['q'], 'tanh'),
    n('MatMul', ['q', 'fc2.w'], ['r'], 'fc2'),
    n('Add', ['r', 'fc2.b'], ['s'], 'fc2_bias'),
    n('Softmax', ['s'], ['y'], 'prob'),
], [('x', ['N', 2, 7, 5])], [('y', ['N', 4])], [
    raw('c1.w', weights(4, 2, 3, 3)), listed('c1.b', weights(4)),
    raw('bn.g', weights(4) + 1), raw('bn.b', weights(4)), raw('bn.m', weights(4)), raw('bn.v', np.abs(weights(4)) + 0.5),
    raw('c2.w', weights(4, 2, 3, 2)), raw('c2.b', weights(1, 4, 1, 1)), raw('zero', np.float32(0)), raw('six', np.float32(6)),
    raw('c3.w', weights(3, 4, 2, 2)), raw('c4.w', weights(4, 4, 1, 1)),
    raw('fc.w', weights(8 * 2 * 2, 5)), raw('fc.b', weights(1, 5)), raw('fc2.w', weights(5, 4)), raw('fc2.b', weights(4)),
]), (1, 2, 7, 5))

acts = [('Sigmoid', {}), ('Tanh', {}), ('Elu', dict(alpha=0.5)), ('LeakyRelu', dict(alpha=0.2)), ('HardSigmoid', dict(alpha=0.25)),
        ('HardSwish', {}), ('Gelu', {})]
nodes, names = [], []
for kind, options in acts:
    nodes.append(n(kind, ['x'], [kind], kind, **options)); names.append(kind)
nodes += [n('Sigmoid', ['x'], ['gate'], 'gate'), n('Mul', ['gate', 'x'], ['silu'], 'silu'),
          n('HardSigmoid', ['x'], ['hard'], 'hard', alpha=1 / 6), n('Mul', ['x', 'hard'], ['hswish'], 'hswish'),
          n('Sum', names + ['silu', 'hswish'], ['sum'], 'sum'), n('ReduceMean', ['sum', 'axes'], ['mean'], 'mean', keepdims=0),
          n('Identity', ['mean'], ['y'], 'same')]
case('activations', model(nodes, [('x', [1, 3, 2, 2])], [('y', [1, 3])], [raw('axes', np.array([-1, -2], '<i8'))], 20), (1, 3, 2, 2))

q = rng.integers(-100, 100, (2, 3, 1, 1)).astype('i1')
case('types', model([
    n('DequantizeLinear', ['q', 'q.s', 'q.z'], ['w'], 'dequantise', axis=0),
    n('Conv', ['x', 'w'], ['a'], 'conv1'),
    n('GlobalAveragePool', ['a'], ['b'], 'pool'),
    n('Constant', [], ['shape'], 'shape', value=raw('', np.array([0, -1], '<i8'))),
    n('Reshape', ['b', 'shape'], ['c'], 'reshape'),
    n('Transpose', ['ip.w'], ['ip.t'], 'turn', perm=[1, 0]),
    n('MatMul', ['c', 'ip.t'], ['y'], 'ip'),
], [('x', [1, 3, 2, 2])], [('y', [1, 3])], [
    raw('q', q), raw('q.s', np.array([0.5, 0.25], '<f4')), raw('q.z', np.array([0, 5], 'i1')),
    raw('ip.w', weights(3, 2)), raw('unused', np.array([1.5, -2], '<f2')), raw('counter', np.array([7], '<i8')),
    h.make_tensor('double', T.DOUBLE, [1], [0.1]), h.make_tensor('brain', T.BFLOAT16, [2], [1.5, -3]),
]), (1, 3, 2, 2))

case('foreign', model([
    n('Conv', ['x', 'c1'], ['a'], 'conv1'),
    n('Resize', ['a', '', 'scales'], ['b'], 'resize', mode='nearest'),
    n('Conv', ['b', 'c2'], ['c'], 'conv2'),
    n('PRelu', ['c', 'slope'], ['d'], 'prelu'),
    n('Reshape', ['d', 'to'], ['e'], 'tokens'),
    n('MatMul', ['e', 'proj'], ['y'], 'proj'),
], [('x', ['N', 1, 'H', 'W'])], [('y', ['N', 8, 3])], [
    raw('c1', weights(2, 1, 1, 1)), raw('scales', np.array([1, 1, 2, 2], '<f4')), raw('c2', weights(2, 2, 1, 1)),
    raw('slope', weights(2, 1, 1)), raw('to', np.array([0, 8, 2], '<i8')), raw('proj', weights(2, 3)),
]))

external = model([n('Gemm', ['x', 'w', 'b'], ['y'], 'ip', transB=1)], [('x', [1, 2])], [('y', [1, 3])],
                 [raw('w', weights(3, 2)), raw('b', weights(3))])
data = b''
for tensor in external.graph.initializer:
    onnx.external_data_helper.set_external_data(tensor, 'data/weights.bin', offset=len(data), length=len(tensor.raw_data))
    data += tensor.raw_data
    tensor.ClearField('raw_data')
    tensor.data_location = T.EXTERNAL
cases['external'] = {'model': coded(external), 'data': base64.b64encode(data).decode(), 'values': np.frombuffer(data, '<f4').tolist()}

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'onnx.json'), 'w') as out:
    json.dump({'onnx': onnx.__version__, 'onnxruntime': onnxruntime.__version__, 'script': 'make-onnx.py', 'cases': cases}, out, indent=1)
    out.write('\n')
