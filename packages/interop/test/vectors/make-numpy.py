"""Writes numpy.json beside it: small .npz files as numpy saves them. Run: python3 make-numpy.py"""
import base64, io, json, os
import numpy as np

def saved(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return base64.b64encode(file.getvalue()).decode()

a = np.arange(6).reshape(2, 3)
files = {
    'stored': saved(np.savez, **{'conv1/kernel': a.astype('<f4') / 4, 'conv1/bias': np.array([1.5, -2], '<f4')}),
    'packed': saved(np.savez_compressed, zeros=np.zeros((40, 30), '<f4'), scalar=np.array(2.5, '<f4')),
    'fortran': saved(np.savez, f=np.asfortranarray(np.arange(24).reshape(2, 3, 4).astype('<f4'))),
    'types': saved(np.savez, half=(a / 4).astype('<f2'), double=a / 3, big=(a / 4).astype('>f4'),
                   step=np.array(7, '<i8'), flags=np.array([True]), names=np.array(['cat'])),
    'infinite': saved(np.savez, mask=np.array([0, -np.inf], '<f4'), empty=np.zeros((0, 3), '<f4')),
}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'numpy.json'), 'w') as out:
    json.dump({'numpy': np.__version__, 'script': 'make-numpy.py', 'files': files}, out, indent=1)
    out.write('\n')
