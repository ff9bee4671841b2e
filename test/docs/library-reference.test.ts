import { expect, test } from 'vitest';
import { readLibraryReference, renderLibraryReference } from '../../scripts/docs/library-reference.ts';
import * as library from '../../src/index.ts';

test('docs/api.md is what the doc comments say; `npm run docs` writes it', () => {
  expect(readLibraryReference(), 'docs/api.md is out of date: run `npm run docs`').toBe(renderLibraryReference());
});

test('docs/api.md describes every value of the main entry', () => {
  const sections = readLibraryReference().split('\n### ');
  for (const name of Object.keys(library)) {
    const section = sections.find((text) => text.startsWith(`${name}\n`));
    expect(section, name).toMatch(/^\w+\n\n[A-Z`][^]*```ts\n/);
  }
});
