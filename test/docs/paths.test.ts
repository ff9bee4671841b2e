import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { headingAnchor } from '../../scripts/docs/heading-anchor.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['.', 'docs', 'examples', 'bench']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((page) => page.endsWith('.md'));

/** Returns the anchors of a page, as GitHub makes them from its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.*)$/gm);
  return new Set(Array.from(headings, ([, heading = '']) => headingAnchor(heading)));
}

test.each(pages)('the links of %s lead to files and headings that exist', (page) => {
  const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g);
  const broken = Array.from(links).filter(([, path = '', anchor]) => {
    const target = path === '' ? page : join(dirname(page), path);
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('the files and folders named in %s exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const paths = Array.from(text.matchAll(/`([\w.-]+(?:\/[\w.-]*)+)`/g), ([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(10);
  const places = ['', 'src', 'cli', 'src/transports', 'src/outputs', 'src/pages'];
  expect(paths.filter((path) => !places.some((place) => existsSync(join(root, place, path))))).toEqual([]);
});
