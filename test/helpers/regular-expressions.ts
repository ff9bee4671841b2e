import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'rolldown/utils';

/** A regular expression of the source, and the file that has it. */
export interface SourceExpression {
  readonly file: string;
  readonly expression: RegExp;
}

/** These construct the patterns of users, for `--expect-body`, when they are called. */
const fromUsers: ReadonlySet<string> = new Set([
  'cli/fetch/expect-plan.ts',
  'src/distributed/wire.ts',
  'src/fetcher/options.ts',
]);

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Finds every regular expression of `src` and `cli`: literals in the syntax tree, constructed ones by loading their
 * files. Call it before anything else loads these.
 */
export async function regularExpressions(): Promise<readonly SourceExpression[]> {
  const literals: SourceExpression[] = [];
  const constructing: string[] = [];
  for (const file of globSync('{src,cli}/**/*.ts', { cwd: root }).toSorted()) {
    const found = expressionsIn(file);
    literals.push(...found.literals.map((expression) => ({ file, expression })));
    if (fromUsers.has(file)) continue;
    for (let count = 0; count < found.constructed; count += 1) constructing.push(file);
  }
  const constructed = await constructedBy(new Set(constructing));
  const files = constructed.map(({ file }) => file).toSorted();
  if (files.join() !== constructing.join())
    throw new Error(`constructed: ${files.join()}; written: ${constructing.join()}`);
  return [...literals, ...constructed];
}

function expressionsIn(file: string): { readonly literals: readonly RegExp[]; readonly constructed: number } {
  const literals: RegExp[] = [];
  let constructed = 0;
  const { program } = parseSync(file, readFileSync(`${root}/${file}`, 'utf8'));
  const countConstructor = ({ callee }: { readonly callee: object }): void => {
    if ('name' in callee && callee.name === 'RegExp') constructed += 1;
  };
  new Visitor({
    Literal(literal) {
      if ('regex' in literal) literals.push(new RegExp(literal.regex.pattern, literal.regex.flags));
    },
    NewExpression: countConstructor,
    CallExpression: countConstructor,
  }).visit(program);
  return { literals, constructed };
}

/** Loads files for the first time, and collects the expressions that they construct. */
async function constructedBy(files: ReadonlySet<string>): Promise<readonly SourceExpression[]> {
  const made: SourceExpression[] = [];
  const original = globalThis.RegExp;
  const construct = (Target: RegExpConstructor, args: [string, string?]): RegExp => {
    const expression = new Target(...args);
    const stack = new Error('to see who constructs it').stack?.split('\n') ?? [];
    const caller = stack.findLast((line) => line.includes('/src/') || line.includes('/cli/')) ?? '';
    const file = [...files].find((name) => caller.includes(`/${name}:`));
    if (file !== undefined) made.push({ file, expression });
    return expression;
  };
  globalThis.RegExp = new Proxy(original, {
    construct,
    apply: (target, _, args: [string, string?]) => construct(target, args),
  });
  try {
    for (const file of files) await import(`${root}/${file}`);
  } finally {
    globalThis.RegExp = original;
  }
  return made;
}
