"""Protocol Buffers by hand: just enough to write test files that share no code with what reads them."""
import struct

def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while True:
        out.append(n & 127 | (128 if n > 127 else 0))
        n >>= 7
        if not n:
            return bytes(out)

def integer(field, n):
    return varint(field << 3) + varint(n)

def number(field, x):
    return varint(field << 3 | 5) + struct.pack('<f', x)

def data(field, content):
    content = content.encode() if isinstance(content, str) else b''.join(content) if isinstance(content, list) else content
    return varint(field << 3 | 2) + varint(len(content)) + content

def floats(field, xs):
    return data(field, struct.pack('<%df' % len(xs), *xs))
