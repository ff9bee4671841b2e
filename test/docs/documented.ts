import { readFileSync } from 'node:fs';

/** One code block of a page. */
export interface CodeBlock {
  /** The page and the line of the block, such as `docs/recipes.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly code: string;
}

/** Returns the code blocks of a page, in order. */
export function codeBlocksOf(page: string): CodeBlock[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  return Array.from(text.matchAll(/^```(\w+)\n(.*?)^```$/gms), ({ 1: language = '', 2: code = '', index }) => ({
    place: `${page}:${text.slice(0, index).split('\n').length + 1}`,
    language,
    code,
  }));
}
