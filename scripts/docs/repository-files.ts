import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly repository: { readonly url: string };
};

/**
 * Begins the links of the packed pages to files that are not in the package, such as the examples. It ends with a slash; the
 * path of a file in the repository follows.
 */
export const repositoryFiles: string = `${manifest.repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/`;
