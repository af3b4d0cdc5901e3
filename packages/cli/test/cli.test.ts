import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeModel } from '@pare/format';
import { beforeAll, describe, expect, test } from 'vitest';
import { bell, emptyFolder, pare, writeSafetensors } from './_run.ts';

const folder = emptyFolder();
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  writeSafetensors(at('net.safetensors'), {
    'conv1.weight': { shape: [16, 8, 3, 3], values: bell(1152, 0.1, 1) },
    'conv1.bias': { shape: [16], values: bell(16, 0.5, 2) },
    'fc.weight': { shape: [10, 400], values: bell(4000, 0.02, 3) },
  });
});

describe('pare', () => {
  test.each([
    [],
    ['tune'],
    ['compress'],
    ['decode'],
    ['inspect'],
    ['verify'],
    ['convert'],
    ['diff'],
    ['patch'],
    ['cost'],
  ])('explains itself: pare %s --help', async (...words) => {
    const { code, stdout } = await pare(folder, ...words, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: pare');
    expect(stdout).toContain('Exit codes: 0 done');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
  });

  test.each([
    [['squeeze', 'x'], /unknown command 'squeeze'/],
    [['compress'], /missing required argument 'in'/],
    [['compress', 'nowhere.json'], /cannot read .*nowhere\.json: there is no such file/],
    [['compress', '.'], /it is a folder: name the model file in it/],
    [['compress', 'net.safetensors', '-o', 'net.safetensors'], /is the input itself; name another file/],
    [
      ['compress', 'net.safetensors', '--bits', '17'],
      /--bits expected a number from 1 to 16, or NAME=NUMBER, got "17"/,
    ],
    [['compress', 'net.safetensors', '--target-size', 'tiny'], /--target-size expected a size such as 400kB/],
    [['compress', 'net.safetensors', '--coding', 'zip'], /Allowed choices are small, fast, huffman/],
    [['compress', 'net.safetensors', '--from', 'doc'], /no importer "doc"; there are pare, /],
    [['compress', 'net.safetensors', '--plugin', 'pare-plugin-nowhere'], /plugin "pare-plugin-nowhere" does not load/],
    [['compress', 'net.safetensors', '--config', 'nowhere.ts'], /there is no file .*nowhere\.ts/],
    [['convert', 'net.safetensors'], /required option '-o, --output <file>' not specified/],
    [
      ['convert', 'net.safetensors', '-o', 'net.doc'],
      /no format is written with the extension "doc"; there are pare \(\.pare\), /,
    ],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await pare(folder, ...words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('compress → inspect → verify → decode', () => {
  test('shows raw, gzip, brotli and ours, and writes the file', async () => {
    const { code, stdout } = await pare(folder, 'compress', 'net.safetensors');
    expect(code).toBe(0);
    for (const word of ['raw float32', 'uint8 + gzip −9', 'uint8 + brotli −11', 'conv1.weight', 'net.pare'])
      expect(stdout).toContain(word);
    expect(decodeModel(readFileSync(at('net.pare'))).weights.map(({ name }) => name)).toEqual([
      'conv1.weight',
      'conv1.bias',
      'fc.weight',
    ]);
  });

  test('--json is one object, and is true', async () => {
    const { stdout, stderr } = await pare(folder, 'compress', 'net.safetensors', '-o', 'json.pare', '--json');
    const found = JSON.parse(stdout);
    expect(stderr).toBe('');
    expect(found.bytes).toBe(readFileSync(at('json.pare')).length);
    expect(found.bytes).toBeLessThan(found.baselines.uint8BrotliBytes);
    expect(found.baselines.rawBytes).toBe(4 * (1152 + 16 + 4000));
    expect(found.relativeError).toBeLessThan(0.02);
    expect(found.weights).toHaveLength(3);
  });

  test('--lossless changes nothing, and verify --exact says so', async () => {
    await pare(folder, 'compress', 'net.safetensors', '-o', 'exact.pare', '--lossless', '-q');
    const { code, stdout } = await pare(folder, 'verify', 'exact.pare', '--against', 'net.safetensors', '--exact');
    expect(stdout).toContain('exact.pare: whole; 3 weights, 5,168 numbers');
    expect(code).toBe(0);
  });

  test('--lossless NAME holds for one weight', async () => {
    const { stdout } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '--dry-run',
      '--json',
      '--bits',
      '4',
      '--lossless',
      'fc.weight',
    );
    const [conv, , fc] = JSON.parse(stdout).weights;
    expect(conv.relativeError).toBeGreaterThan(0.01);
    expect(fc.relativeError).toBe(0);
  });

  test('verify fails, with exit code 1, where something was lost', async () => {
    const { code, stdout } = await pare(folder, 'verify', 'net.pare', '--against', 'net.safetensors', '--exact');
    expect(stdout).toContain('NOT VERIFIED: "conv1.weight" differs in');
    expect(code).toBe(1);
    expect((await pare(folder, 'verify', 'net.pare', '--against', 'net.safetensors', '--min-snr', '20')).code).toBe(0);
    expect((await pare(folder, 'verify', 'net.pare', '--against', 'net.safetensors', '--min-snr', '200')).code).toBe(1);
  });

  test('--target-size is kept, and what cannot be reached ends with 3 and the smallest size that can', async () => {
    const { stdout } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '-o',
      'small.pare',
      '--target-size',
      '2kB',
      '--json',
    );
    expect(JSON.parse(stdout).bytes).toBeLessThanOrEqual(2000);
    expect(JSON.parse(stdout).bytes).toBeGreaterThan(1700);
    const { code, stderr } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '-o',
      'none.pare',
      '--target-size',
      '20',
    );
    expect(stderr).toMatch(/smallest/);
    expect(code).toBe(3);
    expect(existsSync(at('none.pare'))).toBe(false);
  });

  test('--dry-run writes nothing', async () => {
    const { stdout } = await pare(folder, 'compress', 'net.safetensors', '-o', 'dry.pare', '--dry-run');
    expect(stdout).toContain('dry run: dry.pare not written');
    expect(existsSync(at('dry.pare'))).toBe(false);
  });

  test('the same input and settings give the same bytes', async () => {
    await pare(folder, 'compress', 'net.safetensors', '-o', 'again.pare', '-q');
    expect(readFileSync(at('again.pare'))).toEqual(readFileSync(at('net.pare')));
  });

  test('a second pass neither grows the file nor moves a weight', async () => {
    await pare(folder, 'compress', 'net.pare', '-o', 'twice.pare', '-q');
    expect(readFileSync(at('twice.pare')).length).toBeLessThanOrEqual(readFileSync(at('net.pare')).length);
    expect((await pare(folder, 'verify', 'twice.pare', '--against', 'net.pare', '--exact')).code).toBe(0);
  });

  test('inspect lists weights with their streams, and writes a page', async () => {
    const { stdout } = await pare(folder, 'inspect', 'net.pare', '--html', 'page.html');
    expect(stdout).toMatch(/conv1\.weight +16×8×3×3 +shared/);
    const page = readFileSync(at('page.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('conv1.weight');
  });

  test('inspect --json adds up to the file', async () => {
    const { stdout } = await pare(folder, 'inspect', 'net.pare', '--json');
    const { parts, fileBytes, numbers } = JSON.parse(stdout);
    expect(Object.values<number>(parts).reduce((a, b) => a + b)).toBe(fileBytes);
    expect(numbers).toBe(5168);
  });

  test.each(['safetensors', 'npz'])('decode writes .%s, and the way back is exact', async (extension) => {
    await pare(folder, 'decode', 'net.pare', '-o', `decoded.${extension}`, '-q');
    const { code, stdout } = await pare(folder, 'verify', 'net.pare', '--against', `decoded.${extension}`, '--exact');
    expect(stdout).toContain('whole');
    expect(code).toBe(0);
  });

  test('convert changes no weight', async () => {
    await pare(folder, 'convert', 'net.safetensors', '-o', 'converted.pare', '-q');
    expect((await pare(folder, 'verify', 'converted.pare', '--against', 'net.safetensors', '--exact')).code).toBe(0);
  });

  test('diff and patch bring the new file, byte for byte', async () => {
    await pare(folder, 'compress', 'net.safetensors', '-o', 'new.pare', '--bits', 'fc.weight=5', '-q');
    expect((await pare(folder, 'diff', 'net.pare', 'new.pare', '-o', 'update.delta')).code).toBe(0);
    expect((await pare(folder, 'patch', 'net.pare', 'update.delta', '-o', 'patched.pare')).code).toBe(0);
    expect(readFileSync(at('patched.pare'))).toEqual(readFileSync(at('new.pare')));
    const { code, stderr } = await pare(folder, 'patch', 'new.pare', 'update.delta', '-o', 'wrong.pare');
    expect(code).toBe(1);
    expect(stderr).toContain('update.delta');
    expect(existsSync(at('wrong.pare'))).toBe(false);
  });
});

describe('damage', () => {
  test('a flipped bit ends with 1, names the file, and writes nothing', async () => {
    const bytes = readFileSync(at('net.pare'));
    bytes[bytes.length - 20]! ^= 1;
    writeFileSync(at('broken.pare'), bytes);
    for (const words of [
      ['verify', 'broken.pare'],
      ['inspect', 'broken.pare'],
      ['decode', 'broken.pare', '-o', 'x.npz'],
      ['compress', 'broken.pare', '-o', 'x.pare'],
    ]) {
      const { code, stderr } = await pare(folder, ...words);
      expect(stderr).toMatch(/broken\.pare: .*corrupt data at byte \d+/);
      expect(code).toBe(1);
    }
    expect(existsSync(at('x.pare'))).toBe(false);
  });

  test('what is no model is refused with what is known', async () => {
    writeFileSync(at('poem.txt'), 'Shall I compare thee to a summer’s day?');
    const { code, stderr } = await pare(folder, 'inspect', 'poem.txt');
    expect(stderr).toContain('safetensors');
    expect(code).toBe(1);
  });

  test('an output that cannot be written is an error, and what was there is as it was', async () => {
    mkdirSync(at('taken.pare'));
    const { code, stderr } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '-o',
      'taken.pare',
      '--no-baselines',
      '-q',
    );
    expect(stderr).toContain('cannot write');
    expect(code).toBe(1);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('pare.config.ts', () => {
  test('holds where the command line says nothing', async () => {
    writeFileSync(
      at('pare.config.ts'),
      'const bits: number = 3;\nexport default { compress: { bits: { default: bits } } };\n',
    );
    const { stdout } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '--dry-run',
      '--json',
      '--no-baselines',
      '--bits',
      'fc.weight=8',
    );
    const [conv, , fc] = JSON.parse(stdout).weights;
    expect(conv.relativeError).toBeGreaterThan(5 * fc.relativeError);
    const { stdout: without } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '--dry-run',
      '--json',
      '--no-baselines',
      '--no-config',
    );
    expect(JSON.parse(without).weights[0].relativeError).toBeLessThan(conv.relativeError);
  });

  test('a slip of the pen is an error', async () => {
    writeFileSync(at('slip.config.ts'), 'export default { compres: {} };\n');
    const { code, stderr } = await pare(folder, 'compress', 'net.safetensors', '--config', 'slip.config.ts');
    expect(stderr).toContain('unknown entry "compres"; there are "compress", "stages" and "plugins"');
    expect(code).toBe(2);
  });

  test('brings plugins, whose importers are then known', async () => {
    writeFileSync(
      at('plugin.ts'),
      `export default { name: 'pare-plugin-poem', apiVersion: 1, importers: [{ id: 'poem', extensions: ['txt'], recognizes: ({ name }: { name: string }) => name === 'poem.txt',
        read: async () => ({ model: { layers: [], weights: [{ name: 'w', shape: [1], form: { kind: 'dense', values: Float32Array.of(1) } }], history: [] }, notes: ['the rhyme is lost'] }) }] };\n`,
    );
    const { code, stdout, stderr } = await pare(
      folder,
      'inspect',
      'poem.txt',
      '--no-config',
      '--plugin',
      './plugin.ts',
    );
    expect(stderr).toBe('note: the rhyme is lost\n');
    expect(stdout).toContain('1 weights, 1 numbers');
    expect(code).toBe(0);
  });
});
