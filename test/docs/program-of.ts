/**
 * True where Node can run `await using`; elsewhere the programs declare constants, and the process ends without a
 * close.
 */
const hasUsing = Number(process.versions.node.split('.')[0]) >= 24;

/** Makes a program of a snippet: the names it takes for granted are declared before it, unless it declares them. */
export function programOf(code: string, url: string): string {
  const imports = (code.match(/^import .*$/gm) ?? []).map((line) =>
    line.replace(/'(.*)'/, (_, name) => `'${urlOf(name)}'`),
  );
  const rest = code.replaceAll(/^import .*$\n?/gm, '').replaceAll(/https:\/\/(?:api\.)?example\.(?:com|org)/g, url);
  const needs = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(rest) && !imports.join().includes(name);
  const makesFetcher = /(?:using|const) fetcher/.test(rest);
  return [
    ...imports,
    ...(needs('createFetcher') || (needs('fetcher') && !makesFetcher)
      ? [`import { createFetcher } from '${urlOf('fetchmany')}';`]
      : []),
    ...(needs('fetcher') && !makesFetcher ? ['const fetcher = createFetcher();'] : []),
    ...Object.entries(given(url)).map(([name, value]) => (needs(name) ? `const ${name} = ${value};` : '')),
    '{',
    hasUsing ? rest : rest.replaceAll('await using ', 'const '),
    '}',
    "console.log('came to its end');",
  ].join('\n');
}

/** What the snippets take for granted, by name. */
function given(url: string): Readonly<Record<string, string>> {
  return {
    urls: JSON.stringify([`${url}/1`, `${url}/status/404`, 'nonsense']),
    use: '(value: unknown): void => console.log(JSON.stringify(value))',
    loadUser: "(_: AbortSignal) => ({ name: 'Ann' })",
    loadPosts: "async (_: AbortSignal) => ['a post']",
    jobs: '[() => 1, async () => 2]',
    pem: "'system'",
    tokens: "{ current: () => 'abc' }",
  };
}

/** Returns where a module is, of ours or of a package. */
function urlOf(name: string): string {
  const [, entry = 'index'] = /^fetchmany(?:\/(\w+))?$/.exec(name) ?? [];
  return name.startsWith('fetchmany')
    ? new URL(`../../src/${entry}.ts`, import.meta.url).href
    : import.meta.resolve(name);
}
