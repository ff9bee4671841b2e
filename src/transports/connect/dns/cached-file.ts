import { readFile, stat } from 'node:fs/promises';

/** A file is not checked again for this long. */
const trustMs = 1000;

/**
 * Creates a function that reads a small system file, and reads it again once it has changed. A missing or unreadable
 * file counts as empty; the function rejects only when no file descriptors are left.
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
