#!/usr/bin/env python3
"""Reads .pare files, from FORMAT.md alone: an independent second reader, to show that the specification is enough. Prints a
line of JSON for each file that is named: header and weights, with SHA-256 of numbers (little-endian float32) and mask (bytes).
Codecs: streams@1; of a weight in another one, only that is told. Python 3.8 or later, standard library only."""
import hashlib, json, math, pathlib, re, struct, sys

FORMAT = (pathlib.Path(__file__).resolve().parents[2] / 'FORMAT.md').read_text('utf8')
PRIMER = ''.join(re.search(r'### 3.2.*?```text\n(.*?)```', FORMAT, re.S)[1].split('\n'))  # its line breaks are for humans

def float32(data): return struct.unpack('<f', data)[0]
def little(data): return int.from_bytes(data, 'little')
def signed(number): return (number + 1) // 2 if number % 2 else -(number // 2)
class Bytes:
    def __init__(self, data, at=0): self.data, self.at = data, at
    def take(self, size):
        self.at += size
        assert self.at <= len(self.data), 'the data ends early'
        return self.data[self.at - size:self.at]
    def varint(self):
        byte = self.take(1)[0]
        return byte if byte < 128 else byte - 128 + 128 * self.varint()
class Bits:
    def __init__(self, data): self.value, self.at = little(data), 0
    def __call__(self, count):
        self.at += count
        return self.value >> self.at - count & (1 << count) - 1
    def unary(self): return 1 + self.unary() if self(1) else 0
    def gamma(self): return 2 ** (width := self.unary()) + self(width)

# 1. The whole
def verify(file, start):
    data = file.data[start:file.at]
    size, polynomial = (2, 0x8408) if len(data) <= 4096 else (4, 0xEDB88320)
    remainder = ones = 256 ** size - 1
    for byte in data:
        remainder ^= byte
        for _ in range(8): remainder = remainder >> 1 ^ polynomial * (remainder & 1)
    assert little(file.take(size)) == remainder ^ ones, f'the checksum of the bytes from {start} on does not match'
    return file.at
def read(data):
    file = Bytes(data)
    assert file.take(5) == b'PARE\1', 'not a .pare file of version 1'
    text, start, place = file.take(file.varint()), verify(file, 0), 0
    header = json.loads(read_text(Arithmetic(text)))
    weights = [dict(name=name, shape=shape) for name, shape in header.pop('weights', usual_weights(header['layers']))]
    for codec, count, size, ends in header.pop('records'):
        members, record, place = weights[place:place + count], file.take(size), place + count
        forms = list(read_streams(record, members)) if codec == 'streams@1' else [dict(codec=codec)] * count
        for weight, form in zip(members, forms): weight.update(form)
        if ends: start = verify(file, start)
    assert file.at == len(data) and place == len(weights), 'the file does not end with its last weight'
    return dict(header, weights=weights)
# 2. Bits through an arithmetic coder
class Arithmetic:
    def __init__(self, data):
        self.data, self.range = iter(data), 2 ** 32 - 1
        self.code = int.from_bytes(bytes(next(self.data, 0) for _ in range(4)), 'big')
    def bit(self, p):
        bound = self.range * p >> 16
        if bit := self.code < bound: self.range = bound
        else: self.code, self.range = self.code - bound, self.range - bound
        while self.range < 2 ** 24: self.code, self.range = self.code << 8 | next(self.data, 0), self.range << 8
        return int(bit)
# 3. Header
def hashed(a, b):
    product = ((a * 0x2C1B3C6D + b + 1) * 0x9E3779B1) % 2 ** 32
    return (product ^ product >> 15) >> 16
def read_text(coder):
    states, places, out, last, at, hits, misses = {}, {}, [], 0, 0, 0, 0
    def bit(node, special, known):
        slots = [(order, hashed(last % 256 ** order, node)) for order in range(5)] + [(5, hashed(special, node))]
        total, weights = 0.0, 0.5
        for chance, n in (states.get(slot, (0.0, 0)) for slot in slots):
            weight = n / (17 / 64 - chance * chance) / (17 / 64 - chance * chance)
            total, weights = total + chance * weight, weights + weight
        p = max(32, min(65504, math.floor((0.5 + total / weights) * 65536)))
        result = coder.bit(p) if known is None else int(known)
        for slot, (chance, n) in [(slot, states.get(slot, (0.0, 0))) for slot in slots]:
            states[slot] = chance + (result - 0.5 - chance) / (n + 1.25), min(8, n + 1)
        return result
    while True:
        wanted = ord(PRIMER[len(out)]) if len(out) < len(PRIMER) else None
        expected = out[at] if out else 0
        hit = at > 0 and bit(expected, min(hits, 15), wanted and wanted == expected)
        hits, misses, character = (hits + 1, 0, 128 + expected) if hit else (0, misses + 1, 1)
        for i in [] if hit else range(6, -1, -1): character += character + bit(character, expected + 256, wanted and wanted >> i & 1)
        if character == 128: return bytes(out[len(PRIMER):]).decode('ascii')
        out.append(character - 128)
        last = (last * 256 + out[-1]) % 2 ** 32
        at, misses = (at + 1, misses) if at and misses < 2 else (places.get(hashed(last, 0), 0), 0)
        places[hashed(last, 0)] = len(out)
def usual_weights(rows):
    shapes = []
    for row in rows:
        back = row.get('inputs', [] if row['kind'] == 'input' else [1])
        source, units = shapes[-back[0]] if back else [], row.get('units')
        shapes.append(row.get('outputShape', [units] if units else source))
        for role in ('kernel', 'bias', 'gamma', 'beta', 'mean', 'variance'):
            name = f"{row['name']}/{role}" if row.get(role) is True else row.get(role)
            if not isinstance(name, str): continue
            if role != 'kernel' or units: yield name, [units, math.prod(source)] if role == 'kernel' else shapes[-1][:1]
            else: yield name, [row['filters'], source[0] // row['groups'], *row['kernelSize']]

# 6. streams@1
def read_streams(data, weights):
    record, slots = Bytes(data), {}
    def stream(slot, width, count):
        if width == 0 or count == 0: return [0] * count
        if not slots.get(slot):
            extra, method = divmod(record.varint(), 3)
            size = record.varint() if method else (count + extra) * (1 + (width > 8))
            slots[slot] = (raw, huffman, rans)[method](record.take(size), count + extra, width)
        assert len(slots[slot]) >= count, 'a stream is too short'
        result, slots[slot] = slots[slot][:count], slots[slot][count:]
        return result
    def floats(count):
        if count == 0: return []
        mantissa, words = record.take(1)[0], [0] * count
        for slot, width in enumerate([8] + [min(8, left) for left in range(mantissa + 1, 0, -8)], 3):
            words = [word << width | part for word, part in zip(words, stream(slot, width, count))]
        return [float32(struct.pack('<I', (word & 1) << 31 | word >> 1 << 23 - mantissa)) for word in words]
    def codebook(what):
        count = record.varint()
        if what == 1: return floats(count)
        step, levels = float32(record.take(4)), [signed(record.varint())]
        for gap in stream(2, record.take(1)[0], max(0, count - 1)): levels.append(levels[-1] + 1 + gap)
        return [float32(struct.pack('<f', step * level)) for level in levels[:count]]
    def weight(shape):
        numbers, flags = math.prod(shape), record.take(1)[0]
        where, what, places = flags // 3 % 4, flags // 12, range(numbers)
        table = [None] * (where == 1) + codebook(what) if what else []
        if where == 2:
            bits = stream(0, 8, (numbers + 7) // 8)
            places = [i for i in places if bits[i >> 3] >> (i & 7) & 1]
        elif where == 3:
            width, places, at = record.take(1)[0], [], 0
            for gap in stream(0, width, record.varint()):
                if gap < 2 ** width - 1: places.append(at + gap)
                at += gap + (gap < 2 ** width - 1)
        symbols = stream(1, max(0, len(table) - 1).bit_length(), len(places)) if what else []
        values = [table[symbol] for symbol in symbols] if what else floats(len(places))
        out, mask = [0.0] * numbers, bytearray(numbers)
        for place, value in zip(places, values):
            if value is not None: out[place], mask[place] = value, 1
        kind, data = ('dense', 'masked', 'shared')[flags % 3], struct.pack(f'<{numbers}f', *out)
        return dict(kind=kind, numbers=hashlib.sha256(data).hexdigest(), mask=hashlib.sha256(mask).hexdigest())
    yield from [weight(member['shape']) for member in weights]
    assert record.at == len(data) and not any(slots.values()), 'a record holds more than its weights'
def raw(data, _, width): return [little(data[i:i + 1 + (width > 8)]) for i in range(0, len(data), 1 + (width > 8))]

# 7. Huffman
def huffman(data, count, width):
    bits = Bits(data[:8 * 2 ** width + 64])  # more than a code takes
    symbol, length, lengths, codes, left, code, before, out = bits.gamma() - 1, bits(5), {}, {}, 2 ** 16, 0, 0, []
    while True:
        lengths[symbol], left, symbol = length, left - 2 ** (16 - length), symbol + 1
        if left <= 0: break
        while (step := bits.unary()) == 3: symbol += bits.gamma()
        length += signed(step - (step > 3))
    if count >= 8192: bits(3 * (-(-count // 4) * max(lengths.values())).bit_length())
    for length, symbol in sorted((length, symbol) for symbol, length in lengths.items()):
        codes[length, code << length - before] = symbol
        code, before = (code << length - before) + 1, length
    at = bits.at
    while len(out) < count:
        length = code = 0
        while (length, code) not in codes: length, code, at = length + 1, code * 2 + (data[at >> 3] >> at % 8 & 1), at + 1
        out.append(codes[length, code])
    return out

# 8. rANS
def rans(data, count, width):
    if not data: return [0] * count
    bits = Bits(data[:8 * 2 ** width + 64])  # more than a table takes
    precision, states, fineness, order = 8 + bits(3), [0] * (4 if bits(1) else 1), bits(2), bits(2)
    low, levels, level, starts, occur, before = bits.gamma() - 1, [], 0, [], 0, 0
    while len(levels) <= 2 ** width - 1 >> low:
        run, change = bits.gamma(), signed((bits.gamma() - 1 << order) + bits(order))
        levels += [(level + math.floor(change * i / run + 0.5) << 3 - fineness) & 127 for i in range(1, run + 1)]
        level += change
    del levels[(2 ** width - 1 >> low) + 1:]
    weights = [math.floor(64 * 2 ** (level / 8) + 0.5) if level else 0 for level in levels]
    for weight in weights + [0]:
        starts.append(occur + before * (2 ** precision - sum(map(bool, weights))) // sum(weights))
        before, occur = before + weight, occur + (weight > 0)
    table = [part for part in range(len(levels)) for _ in range(starts[part], starts[part + 1])]
    at, size = (bits.at + 7) // 8, (count * low + 7) // 8
    words, lows, out = Bytes(data, at + size), Bits(data[at:at + size]), []
    if (len(data) - words.at) % 2: states[0] = words.take(1)[0]
    def lifted(x): return lifted(x << 16 | little(words.take(2))) if x < 2 ** 15 and words.at < len(data) else x
    states = [lifted(state) for state in states]
    for i in range(count):
        steps, slot = divmod(states[i % len(states)], 2 ** precision)
        out.append(table[slot] << low | lows(low))
        start, end = starts[table[slot]:table[slot] + 2]
        states[i % len(states)] = lifted((end - start) * steps + slot - start)
    assert words.at == len(data), 'words are left'
    return out

for path in sys.argv[1:]: print(json.dumps(read(pathlib.Path(path).read_bytes())))
