import { CorruptDataError } from '@pare/core';
import { type AnyType, fieldsOf, type Schema } from './schema.ts';

/**
 * Reads a message of Protocol Buffers from its text form, which is what Caffe's `.prototxt` files are.
 *
 * ```
 * name: "net"  # a comment
 * layer { name: "conv1" convolution_param { pad: [1, 1] } }
 * ```
 *
 * @throws CorruptDataError with the line, if it is no such text or a value is not of its field's type
 * @example
 * parseText({ name: [1, 'string'], sizes: [2, 'ints'] }, 'sizes: 5 name: "a" sizes: [6, 0x7] other { x: y }') // { sizes: [ 5, 6, 7 ], name: 'a' }
 * @see protobuf.dev/reference/protobuf/textformat-spec
 */
export function parseText<T>(schema: Schema<T>, text: string): T {
  const reader = new TextReader(text);
  return readMessage(schema, reader, undefined, 0) as T; // each field is what its type in the schema says
}

// 16 Mi characters: the text of a network of a thousand layers has not one.
const LONGEST = 2 ** 24;

// 32 messages within each other: Caffe needs five, and the stack of calls has an end.
const DEEPEST = 32;

function readMessage(
  schema: Schema<unknown> | undefined,
  reader: TextReader,
  close: string | undefined,
  depth: number,
) {
  if (depth > DEEPEST) reader.fail(`more than ${DEEPEST} messages within each other`);
  const byName = new Map(schema && [...fieldsOf(schema).values()].map((field) => [field.name, field.type]));
  const message: Record<string, unknown> = {};
  while (true) {
    const token = reader.next();
    if (token === close) {
      for (const [name, type] of byName) {
        if (type === 'floats' && message[name]) message[name] = Float32Array.from(message[name] as number[]);
        if (type === 'doubles' && message[name]) message[name] = Float64Array.from(message[name] as number[]);
      }
      return message;
    }
    if (token === undefined) return reader.fail(`"${close}" is missing at the end`);
    if (token === ',' || token === ';') continue;
    if (!/^[a-z_]/i.test(token)) return reader.fail(`expected the name of a field, got ${token}`);
    const type = byName.get(token);
    const colon = reader.peek() === ':';
    if (colon) reader.next();
    const add = (): void => {
      const value = readValue(token, type, reader, message[token], depth);
      if (type !== undefined) message[token] = value;
    };
    if (reader.peek() === '[') {
      reader.next();
      for (let item = reader.peek(); item !== ']'; item = reader.peek()) {
        if (item === ',') reader.next();
        else add();
      }
      reader.next();
    } else add();
  }
}

/** @param before - what earlier fields of the same name made: a repeated field adds to it, in place */
function readValue(
  name: string,
  type: AnyType | undefined,
  reader: TextReader,
  before: unknown,
  depth: number,
): unknown {
  const token = reader.next();
  const added = (value: unknown): unknown[] => {
    const list = (before as unknown[] | undefined) ?? [];
    list.push(value);
    return list;
  };
  if (token === '{' || token === '<') {
    const close = token === '{' ? '}' : '>';
    if (type === undefined) return readMessage(undefined, reader, close, depth + 1);
    if (typeof type === 'object' && 'message' in type) return readMessage(type.message, reader, close, depth + 1);
    if (typeof type === 'object' && 'messages' in type)
      return added(readMessage(type.messages, reader, close, depth + 1));
    return reader.fail(`"${name}" is a message where none was expected`);
  }
  if (token === undefined || /^[:;,}>\]]$/.test(token)) return reader.fail(`"${name}" has no value`);
  const text = isQuoted(token) ? unquoted(token) + moreText(reader) : token;
  if (type === undefined) return undefined;
  if (typeof type === 'object') {
    if (!('names' in type)) return reader.fail(`"${name}" expected a message, got ${token}`);
    const known = Object.values(type.names).includes(text) ? text : type.names[Number(text)];
    return known ?? `?${text}`;
  }
  switch (type) {
    case 'string':
    case 'strings':
      if (!isQuoted(token)) return reader.fail(`"${name}" expected a text in quotes, got ${token}`);
      return type === 'strings' ? added(text) : text;
    case 'bool':
      if (!/^(true|t|1|false|f|0)$/i.test(text)) return reader.fail(`"${name}" expected true or false, got ${token}`);
      return /^[t1]/i.test(text);
    case 'int':
    case 'ints':
    case 'float':
    case 'floats':
    case 'double':
    case 'doubles': {
      const number = toNumber(text);
      const whole = type === 'int' || type === 'ints';
      if (whole ? !Number.isSafeInteger(number) : Number.isNaN(number)) {
        return reader.fail(`"${name}" expected a ${whole ? 'whole number' : 'number'}, got ${token}`);
      }
      return type.endsWith('s') ? added(number) : number;
    }
    case 'bytes':
      return reader.fail(`"${name}" holds bytes, which are read from binary files only`);
  }
}

/** Texts in a row are one text. */
function moreText(reader: TextReader): string {
  let text = '';
  for (let token = reader.peek(); token !== undefined && isQuoted(token); token = reader.peek()) {
    text += unquoted(token);
    reader.next();
  }
  return text;
}

const isQuoted = (token: string): boolean => token.startsWith('"') || token.startsWith("'");

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
const unquoted = (token: string): string =>
  token.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => ESCAPES[character] ?? character);

const toNumber = (text: string): number =>
  /^[-+]?(0x[\da-f]+|[\d.]+(e[-+]?\d+)?)f?$/i.test(text) ? parse(text) : Number.NaN;
const parse = (text: string): number => (/x/i.test(text) ? Number(text) : Number(text.replace(/f$/i, '')));

/** Cuts a text into names, numbers, texts in quotes, and single signs. */
class TextReader {
  readonly #text: string;
  // One token from where the last one ended: white space and comments, then the token.
  readonly #pattern =
    /(?:\s|#[^\n]*)*(?:([-+]?[\w.][\w.+-]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([{}<>[\]:,;])|$)/y;
  #token: string | undefined;
  #peeked = false;

  constructor(text: string) {
    this.#text = text;
    if (text.length > LONGEST) throw new CorruptDataError('limit', LONGEST, `a text of ${text.length} characters`);
  }

  /** The next token, or undefined at the end. */
  next(): string | undefined {
    const token = this.peek();
    this.#peeked = false;
    return token;
  }

  peek(): string | undefined {
    if (this.#peeked) return this.#token;
    const { lastIndex } = this.#pattern;
    const match = this.#pattern.exec(this.#text);
    if (!match) {
      this.#pattern.lastIndex = lastIndex;
      const at = this.#text.slice(lastIndex).search(/[^\s]/);
      return this.fail(`${JSON.stringify(this.#text.slice(lastIndex + at, lastIndex + at + 12))} is no token`);
    }
    this.#token = match[1] ?? match[2] ?? match[3];
    this.#peeked = true;
    return this.#token;
  }

  fail(what: string): never {
    const at = this.#pattern.lastIndex;
    const line = this.#text.slice(0, at).split('\n').length;
    const byte = new TextEncoder().encode(this.#text.slice(0, at)).length;
    throw new CorruptDataError('text', byte, `line ${line}: ${what}`);
  }
}
