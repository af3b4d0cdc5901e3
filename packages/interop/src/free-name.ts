/**
 * Finds a name that is not taken, by a number behind it where it must be.
 *
 * Names come from files: of a hundred thousand that are equal each would try all numbers before its own, so `next` keeps where
 * the search goes on. Names must not become free again.
 *
 * @param next - for each name the number to try next; kept by the caller beside `taken`
 * @param separator - between name and number
 * @example
 * freeName('conv', new Set(['conv', 'conv_2']), new Map(), '_') // 'conv_3'
 */
export function freeName(
  name: string,
  taken: { has(name: string): boolean },
  next: Map<string, number>,
  separator: string,
): string {
  if (!taken.has(name)) return name;
  let number = next.get(name) ?? 2;
  while (taken.has(`${name}${separator}${number}`)) number++;
  next.set(name, number);
  return `${name}${separator}${number}`;
}

/**
 * Makes what gives each name it is asked for a form that is not taken, and takes it.
 *
 * @param taken - what is to be avoided; added to
 */
export function freeNames(separator: string, taken: Set<string> = new Set()): (name: string) => string {
  const next = new Map<string, number>();
  return (name) => {
    const free = freeName(name, taken, next, separator);
    taken.add(free);
    return free;
  };
}
