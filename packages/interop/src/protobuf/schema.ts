/**
 * The fields of a message that are read and written here, by name: the number of each, and its type. Whatever else a message
 * holds is skipped.
 */
export type Schema<T> = { readonly [Name in keyof T]-?: readonly [number: number, type: TypeOf<NonNullable<T[Name]>>] };

/** Types by what they become. A repeated field is the plural of its type; packed or not, it reads the same. */
export type TypeOf<V> = [V] extends [boolean]
  ? 'bool'
  : [V] extends [string]
    ? 'string' | EnumType
    : [V] extends [number]
      ? 'int' | 'float' | 'double'
      : [V] extends [Float32Array]
        ? 'floats'
        : [V] extends [Float64Array]
          ? 'doubles'
          : [V] extends [Uint8Array]
            ? 'bytes'
            : [V] extends [readonly number[]]
              ? 'ints'
              : [V] extends [readonly string[]]
                ? 'strings'
                : [V] extends [readonly (infer M)[]]
                  ? MessagesType<M>
                  : MessageType<V>;

/** Names by number. A number without a name becomes `'?7'`. */
export interface EnumType {
  readonly names: Readonly<Record<number, string>>;
}

export interface MessageType<T> {
  readonly message: Schema<T>;
}

export interface MessagesType<T> {
  readonly messages: Schema<T>;
}

/** A type without knowing whose: what the loops over a schema see. */
export type AnyType =
  | 'bool'
  | 'string'
  | 'int'
  | 'float'
  | 'double'
  | 'floats'
  | 'doubles'
  | 'bytes'
  | 'ints'
  | 'strings'
  | EnumType
  | MessageType<unknown>
  | MessagesType<unknown>;

export interface AnyField {
  readonly name: string;
  readonly number: number;
  readonly type: AnyType;
}

const byNumber = /* @__PURE__ */ new WeakMap<object, ReadonlyMap<number, AnyField>>();

/** The fields of a schema by number. */
export function fieldsOf<T>(schema: Schema<T>): ReadonlyMap<number, AnyField> {
  let fields = byNumber.get(schema);
  if (!fields) {
    const entries = Object.entries(schema as Readonly<Record<string, readonly [number, AnyType]>>);
    fields = new Map(entries.map(([name, [number, type]]) => [number, { name, number, type }]));
    byNumber.set(schema, fields);
  }
  return fields;
}
