import { complaint } from '../../check.ts';
import type { BodyReceiver, ResponseHead } from '../../http/body-writer.ts';
import { Saver, type SaveOptions } from './saver.ts';

/** Options of {@link saveTo}. */
export interface SaveToOptions {
  /**
   * Names of the files below the folder: `{host} {port} {scheme} {path} {dir} {name} {ext} {query} {index} {id} {sha256}
   * {urlhash} {status} {date} {disposition}`; `{index:06}` pads, `{sha256:2}` takes the front. @default '{host}/{path}'
   */
  readonly template?: string;
  /** Fields of each request's `input` that the template may name too. @default none */
  readonly columns?: readonly string[];
  /** A file of an earlier run is replaced once the new one is whole, or makes its request fail (`FILE_IO`). @default 'replace' */
  readonly existing?: 'replace' | 'fail';
  /** Decides which responses are kept. @default those whose status is expected */
  readonly keeps?: (head: ResponseHead) => boolean;
  /** Gives each file the time of its `Last-Modified` header. @default false */
  readonly remoteTime?: boolean;
  /** Syncs each file to disk before it counts as saved. @default false */
  readonly durable?: boolean;
}

/**
 * Saves bodies to files below a folder: for the `responseBody` option of `createFetcher()`. Each body is streamed to a part and
 * gets its final name when it is whole; a result then has `file` (relative to the folder, with `/`) and `sha256`. A body that is
 * cut is continued on the next attempt or in the next run, if the server proves that it has not changed.
 *
 * Makes the folder and locks it for this process until the fetcher is closed.
 *
 * @example
 * await using fetcher = createFetcher({ responseBody: saveTo('pages') });
 * for await (const result of fetcher.asCompleted(urls)) if (result.kind === 'response') console.log(result.file);
 *
 * @throws TypeError for a wrong option or an unknown word of the template
 * @throws Error if the folder cannot be used, or another process holds it
 */
export function saveTo(folder: string, options: SaveToOptions = {}): BodyReceiver {
  if (typeof folder !== 'string' || folder === '') {
    throw new TypeError(complaint('save bodies', 'folder', 'the path of a folder', folder));
  }
  for (const name of Object.keys(options)) {
    if (!(knownOptions as readonly string[]).includes(name)) {
      throw new TypeError(`Cannot save bodies as there is no option '${name}': there are ${knownOptions.join(', ')}`);
    }
  }
  const { existing = 'replace', columns = [] } = options;
  if (!Array.isArray(columns)) throw new TypeError(complaint('save bodies', 'columns', 'an array of names', columns));
  if (existing !== 'replace' && existing !== 'fail') {
    throw new TypeError(complaint('save bodies', 'existing', `'replace' or 'fail'`, existing));
  }
  return new Saver(folder, options satisfies SaveOptions).receive;
}

const knownOptions = [
  'template',
  'columns',
  'existing',
  'keeps',
  'remoteTime',
  'durable',
] as const satisfies readonly (keyof SaveToOptions)[];
