import type { EarlierBody } from '../../../src/outputs/bodies/keep-bodies.ts';
import type { Saver } from '../../../src/outputs/bodies/saver.ts';
import type { ResponseRecord } from '../../../src/http/record.ts';
import { openInput, readBytes } from '../../../src/inputs/open-lists.ts';
import { readRecords } from '../../../src/inputs/records.ts';
import { withoutUndefined } from '../../flags/given.ts';

/** A request as its record names it. */
type Named = Pick<ResponseRecord, 'method' | 'url'> & { readonly bodyHash?: string | undefined };

/** The responses of an earlier run. Some 500 bytes are kept for each. */
export class EarlierRun {
  readonly #responses = new Map<string, ResponseRecord>();

  /** Reads the records of a run; the last one of a request counts. Throws an `InputError` if they cannot be read. */
  static async read(path: string): Promise<EarlierRun> {
    const run = new EarlierRun();
    const input = { name: path, stream: openInput(path, 'the records of an earlier run') };
    try {
      for await (const record of readRecords(readBytes(input), path, () => {})) {
        if (record.kind === 'response' && (record.status === 200 || record.unchanged)) {
          run.#responses.set(keyOf(record), withoutBody(record));
        }
      }
    } finally {
      input.stream.destroy();
    }
    return run;
  }

  /** Returns the body of a request, if its response was of status 200 or unchanged. */
  bodyOf(request: Named): EarlierBody | undefined {
    const record = this.#responses.get(keyOf(request));
    if (record === undefined) return undefined;
    const { length, finalUrl, file, sha256, mediaType, etag, lastModified } = record;
    return { length, finalUrl, fields: withoutUndefined({ file, sha256, mediaType, etag, lastModified }) };
  }

  /** Keeps the name of each file for its own request. */
  reserveFiles(saver: Saver): void {
    for (const record of this.#responses.values()) if (record.file !== undefined) saver.reserve(record.file, record);
  }
}

function keyOf({ method, url, bodyHash = '' }: Named): string {
  return `${method} ${url} ${bodyHash}`;
}

function withoutBody({ headers: _, body: __, timingsMs: ___, ...record }: ResponseRecord): ResponseRecord {
  return record;
}
