import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { headingAnchor } from '../../scripts/docs/heading-anchor.ts';
import { repositoryFiles } from '../../scripts/docs/repository-files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['.', 'docs', 'examples', 'bench']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((page) => page.endsWith('.md'));

/** Returns the anchors of a page, as GitHub makes them from its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.*)$/gm);
  return new Set(Array.from(headings, ([, heading = '']) => headingAnchor(heading)));
}

interface Link {
  readonly link: string;
  /** The file in the repository. */
  readonly target: string;
  readonly anchor: string | undefined;
  readonly isRelative: boolean;
}

/** Returns the links of a page to files of the repository. */
function linksOf(page: string): readonly Link[] {
  const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g);
  return Array.from(links, ([link, path = '', anchor]) => {
    const isRelative = !path.startsWith(repositoryFiles);
    const near = path === '' ? page : join(dirname(page), path);
    return { link, target: isRelative ? near : path.slice(repositoryFiles.length), anchor, isRelative };
  }).filter(({ link, isRelative }) => !isRelative || !/^\]\(https?:/.test(link));
}

test.each(pages)('the links of %s lead to files and headings that exist', (page) => {
  const broken = linksOf(page).filter(
    ({ target, anchor }) => !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor)),
  );
  expect(broken.map(({ link }) => link)).toEqual([]);
});

test('the links of the packed pages lead into the package, or to the repository that package.json names', () => {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  const isPacked = (path: string): boolean =>
    ['README.md', 'LICENSE', ...files].some((name) => path === name || path.startsWith(`${name}/`));
  const dead = pages
    .filter(isPacked)
    .flatMap(linksOf)
    .filter(({ target, isRelative }) => isRelative && !isPacked(target));
  expect(dead.map(({ link }) => link)).toEqual([]);
  const elsewhere = pages.filter((page) => /github\.com\/[\w-]+\/fetchmany/.test(textWithout(page)));
  expect(elsewhere).toEqual([]);
});

/** Returns a page without its links to the repository. */
function textWithout(page: string): string {
  return readFileSync(join(root, page), 'utf8').replaceAll(repositoryFiles, '');
}

test.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('the files and folders named in %s exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const paths = Array.from(text.matchAll(/`([\w.-]+(?:\/[\w.-]*)+)`/g), ([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(10);
  const places = ['', 'src', 'cli', 'src/transports', 'src/outputs', 'src/pages'];
  expect(paths.filter((path) => !places.some((place) => existsSync(join(root, place, path))))).toEqual([]);
});
