/** A plugin's name in all its spellings. */
export interface Names {
  /** `my-thing` */
  readonly kebab: string;
  /** `myThing` */
  readonly camel: string;
  /** `MyThing` */
  readonly pascal: string;
  /** Of the npm package and its folder: `pare-plugin-my-thing`. */
  readonly package: string;
}

/**
 * Spells a name.
 *
 * @param text - with or without `pare-plugin-` before it
 * @throws RangeError if it is not made of words of small letters and digits, joined by hyphens
 * @example
 * namesOf('my-thing').camel // 'myThing'
 * namesOf('pare-plugin-my-thing').kebab // 'my-thing'
 * namesOf('My thing') // throws RangeError: name: expected small letters and digits in words joined by hyphens, like my-thing, got "My thing"
 */
export function namesOf(text: string): Names {
  const kebab = text.replace(/^pare-plugin-/, '');
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(kebab) || kebab.length > 80) {
    throw new RangeError(
      `name: expected small letters and digits in words joined by hyphens, like my-thing, got "${text}"`,
    );
  }
  const pascal = kebab.replace(/(^|-)([a-z0-9])/g, (_, _hyphen, letter: string) => letter.toUpperCase());
  return { kebab, pascal, camel: pascal[0]!.toLowerCase() + pascal.slice(1), package: `pare-plugin-${kebab}` };
}
