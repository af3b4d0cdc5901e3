import ts from 'typescript';

/** One claim of an example: `expression // result`. */
export interface Claim {
  readonly expression: string;
  readonly result: string;
}

/** An `@example` of a docstring. */
export interface Example {
  /** Line of its first line of code. */
  readonly line: number;
  readonly code: string;
  /** None if the example is only shown, not claimed. */
  readonly claims: readonly Claim[];
}

/** The first program of a README and what it says that it prints. */
export interface Program {
  readonly code: string;
  readonly output: string | undefined;
}

/** Finds the examples in a source file. */
export function examplesOf(source: string): Example[] {
  return [...source.matchAll(/^[ \t]*\* @example[^\n]*\n((?:[ \t]*\*(?![ \t]*@|\/)[^\n]*\n)*)/gm)].map((match) => {
    const lines = match[1]!.split('\n').map((line) => line.replace(/^[ \t]*\* ?/, ''));
    const code = lines.filter((line) => !line.startsWith('//')).join('\n');
    const line = source.slice(0, match.index).split('\n').length + 1;
    return { line, code, claims: claimsOf(code).map(({ expression, result }) => ({ expression, result })) };
  });
}

/**
 * Turns an example into the body of an async function which calls `claim` with a thunk for each claimed expression; what
 * stands between them is done in order.
 */
export function runnable(code: string): string {
  let program = '';
  let from = 0;
  for (const { start, end, expression } of claimsOf(code)) {
    program += `${code.slice(from, start)}\nawait claim(async () => (${expression}));\n`;
    from = end;
  }
  return withoutTypes(program + code.slice(from));
}

/** Expressions that stand alone as statements and are followed by a comment on their last line. */
function claimsOf(code: string): (Claim & { readonly start: number; readonly end: number })[] {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest);
  return file.statements.filter(ts.isExpressionStatement).flatMap((statement) => {
    const end = statement.getEnd();
    const comment = /^;?[ \t]*\/\/ ?([^\n]*)/.exec(code.slice(end));
    if (!comment) return [];
    const expression = statement.expression.getText(file);
    return [{ start: statement.getStart(file), end: end + comment[0].length, expression, result: comment[1]!.trim() }];
  });
}

/** Finds the first block of ts or js in a README, and the block without language or of text that follows it. */
export function firstProgram(readme: string): Program | undefined {
  const blocks = [...readme.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!.trim(),
    text: text!,
  }));
  const index = blocks.findIndex(({ language }) => /^(ts|js|typescript|javascript)$/.test(language));
  if (index < 0) return undefined;
  const next = blocks[index + 1];
  return { code: blocks[index]!.text, output: next && /^(text)?$/.test(next.language) ? next.text : undefined };
}

/** TypeScript → JavaScript, by erasing. */
export const withoutTypes = (code: string): string =>
  ts.transpileModule(code, {
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  }).outputText;

/**
 * Makes what Node prints comparable: typed arrays may be written with or without their length, brackets with or without
 * spaces, numbers in columns or not, on one line or several.
 */
export const plain = (text: string): string =>
  text
    .replace(/(\w+Array)\(\d+\) \[/g, '$1 [')
    .replace(/([[{])\s+/g, '$1')
    .replace(/,?\s+([\]}])/g, '$1')
    .replace(/,\s+/g, ', ')
    .trim();
