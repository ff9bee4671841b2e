import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Creates a function that returns the link from a page to a saved body, by the `file` of its record; undefined unless
 * the file lies in the directory of the page or below.
 *
 * @param page path of the page; `-` is standard output, which has no directory
 */
export function savedFiles(page: string): (file: string) => string | undefined {
  if (page === '-') return () => undefined;
  const directory = dirname(page);
  return (file) => {
    const parts = file.split('/');
    // Records may come from anybody: a link never leaves the directory, and never names a scheme.
    if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\:\0]/.test(part))) return undefined;
    if (!statSync(join(directory, ...parts), { throwIfNoEntry: false })?.isFile()) return undefined;
    return `./${parts.map(encodeURIComponent).join('/')}`;
  };
}
