"""Writes caffe.json beside it: small networks as Caffe saves them. Run: python3 make-caffe.py

Field numbers: github.com/BVLC/caffe, src/caffe/proto/caffe.proto."""
import base64, json, os, struct
from _wire import data, floats, integer, number

def blob(shape, xs):
    return data(7, [data(7, [data(1, b''.join(bytes([n]) for n in shape))]), floats(5, xs)])

def layer(name, kind, bottom, top, *rest):
    return data(100, [data(1, name), data(2, kind), *[data(3, b) for b in bottom], *[data(4, t) for t in top], *rest])

def ramp(n, start=0.0):
    return [start + i / 8 for i in range(n)]

# As a solver snapshots it: the network of the training phase, its input from a database, copies where a blob has two users.
snapshot = b''.join([
    data(1, 'tiny'),
    layer('mnist', 'Data', [], ['data', 'label'], data(8, [integer(1, 0)]), integer(10, 0),
          data(100, [number(1, 0.5), integer(3, 6), floats(5, [8.0])])),
    layer('conv1', 'Convolution', ['data'], ['conv1'], blob([2, 1, 3, 3], ramp(18)), blob([2], [1, -1]),
          data(106, [integer(1, 2), integer(3, 1), integer(4, 3), integer(6, 1)])),
    layer('bn1', 'BatchNorm', ['conv1'], ['conv1'], blob([2], [2, 4]), blob([2], [8, 16]), blob([1], [2]),
          data(139, [number(3, 0.25)])),
    layer('scale1', 'Scale', ['conv1'], ['conv1'], blob([2], [3, 5]), blob([2], [0.5, -0.5]), data(142, [integer(4, 1)])),
    layer('relu1', 'ReLU', ['conv1'], ['conv1']),
    layer('pool1', 'Pooling', ['conv1'], ['pool1'], data(121, [integer(1, 0), integer(2, 3), integer(3, 2)])),
    layer('pool1_pool1_0_split', 'Split', ['pool1'], ['pool1_0', 'pool1_1']),
    layer('left', 'Convolution', ['pool1_0'], ['left'], blob([2, 2, 1, 1], ramp(4)),
          data(106, [integer(1, 2), integer(2, 0), integer(4, 1)])),
    layer('sum', 'Eltwise', ['left', 'pool1_1'], ['sum'], data(110, [integer(1, 1)])),
    layer('norm', 'LRN', ['sum'], ['norm'], data(118, [integer(1, 3), number(2, 0.125)])),
    layer('drop', 'Dropout', ['norm'], ['norm'], data(108, [number(1, 0.5)])),
    layer('odd', 'PReLU', ['norm'], ['odd'], blob([2], [0.25, 0.5])),
    layer('both', 'Concat', ['norm', 'odd'], ['both'], data(104, [integer(2, 1)])),
    layer('ip', 'InnerProduct', ['both'], ['ip'], blob([2, 36], ramp(72)), blob([2], [0, 1]), data(117, [integer(1, 2)])),
    layer('accuracy', 'Accuracy', ['ip', 'label'], ['accuracy'], data(8, [integer(1, 1)])),
    layer('loss', 'SoftmaxWithLoss', ['ip', 'label'], ['loss']),
])

# As Caffe wrote it in 2013: layers by number, four extents to each blob.
def old_blob(extents, xs):
    return data(6, [*[integer(i + 1, n) for i, n in enumerate(extents)], floats(5, xs)])

def old_layer(name, kind, bottom, top, *rest):
    return data(2, [data(4, name), integer(5, kind), *[data(2, b) for b in bottom], *[data(3, t) for t in top], *rest])

old = b''.join([
    data(1, 'old'),
    data(3, 'data'), integer(4, 1), integer(4, 2), integer(4, 4), integer(4, 4),
    old_layer('conv1', 4, ['data'], ['conv1'], old_blob([2, 1, 3, 3], ramp(18)), old_blob([1, 1, 1, 2], [1, -1]),
              data(10, [integer(1, 2), integer(4, 3), integer(5, 2)])),
    old_layer('relu1', 18, ['conv1'], ['conv1'], data(30, [number(1, 0.125)])),
    old_layer('ip1', 14, ['conv1'], ['ip1'], old_blob([1, 1, 3, 8], ramp(24)), old_blob([1, 1, 1, 3], [1, 2, 3]),
              data(17, [integer(1, 3)])),
    old_layer('prob', 20, ['ip1'], ['prob']),
])

raw = b''.join([
    data(1, 'raw'), data(3, 'data'), data(8, [data(1, bytes([1, 2]))]),
    layer('ip', 'InnerProduct', ['data'], ['ip'],
          data(7, [data(7, [data(1, bytes([1, 2]))]), integer(10, 2), data(12, struct.pack('<2e', 0.5, -2))]),
          data(7, [data(7, [data(1, bytes([1]))]), data(8, struct.pack('<d', 0.75))]), data(117, [integer(1, 1)])),
])

files = {name: base64.b64encode(content).decode() for name, content in
         [('snapshot', snapshot), ('old', old), ('raw', raw)]}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'caffe.json'), 'w') as out:
    json.dump({'script': 'make-caffe.py', 'files': files}, out, indent=1)
    out.write('\n')
