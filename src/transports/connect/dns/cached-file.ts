import { readFile, stat } from 'node:fs/promises';

/** How long a file is taken to be as it was, in milliseconds. */
const trustMs = 1000;

/**
 * Reads a small file of the system's, and again once it has changed. A file that is not there, or not for us to read,
 * is an empty one; the reading rejects only when we have no file descriptor left.
 */
export function cachedFile<Content>(path: string, parse: (text: string) => Content): () => Promise<Content> {
  let content: Content | undefined;
  let version = '';
  let seenAt = -Infinity;
  let reading: Promise<Content> | undefined;

  async function read(): Promise<Content> {
    const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: 0 }));
    if (content === undefined || version !== `${mtimeMs} ${size}`) {
      content = parse(await readFile(path, 'utf8').catch(emptyUnlessShort));
      version = `${mtimeMs} ${size}`;
    }
    seenAt = performance.now();
    return content;
  }

  return async () => {
    if (content !== undefined && performance.now() - seenAt < trustMs) return content;
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  };
}

function emptyUnlessShort(error: NodeJS.ErrnoException): string {
  if (error.code === 'EMFILE' || error.code === 'ENFILE') throw error;
  return '';
}
