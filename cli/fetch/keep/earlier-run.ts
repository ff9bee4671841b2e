import type { EarlierBody } from '../../../src/outputs/bodies/keep-bodies.ts';
import type { Saver } from '../../../src/outputs/bodies/saver.ts';
import type { ResponseRecord } from '../../../src/http/record.ts';
import { openInput, readBytes } from '../../../src/inputs/open-input.ts';
import { readRecords } from '../../../src/inputs/records.ts';
import { withoutUndefined } from '../../flags/given.ts';

/** A request as its record names it. */
type Named = Pick<ResponseRecord, 'method' | 'url'> & { readonly bodyHash?: string | undefined };

/** The responses of an earlier run. Some 500 bytes are kept for each. */
export class EarlierRun {
  readonly #bodies = new Map<string, EarlierBody>();
  readonly #requests = new Map<string, Named>();

  /** Reads the records of a run; the last one of a request counts. Throws an `InputError` if they cannot be read. */
  static async read(path: string): Promise<EarlierRun> {
    const run = new EarlierRun();
    const input = { name: path, stream: openInput(path, 'a file with the records of an earlier run') };
    try {
      for await (const record of readRecords(readBytes(input), path, () => {})) {
        if (record.kind === 'response' && (record.status === 200 || record.unchanged)) run.#add(record);
      }
    } finally {
      input.stream.destroy();
    }
    return run;
  }

  /** Returns the body of a request, if its response was of status 200 or unchanged. */
  bodyOf(request: Named): EarlierBody | undefined {
    return this.#bodies.get(keyOf(request));
  }

  /** Keeps the name of each file for its own request. */
  reserveFiles(saver: Saver): void {
    for (const [file, request] of this.#requests) saver.reserve(file, request);
  }

  #add({ method, url, bodyHash, length, finalUrl, ...record }: ResponseRecord): void {
    const { file, sha256, mediaType, etag, lastModified } = record;
    const fields = withoutUndefined({ file, sha256, mediaType, etag, lastModified });
    this.#bodies.set(keyOf({ method, url, bodyHash }), { length, finalUrl, fields });
    if (file !== undefined) this.#requests.set(file, { method, url, bodyHash });
  }
}

function keyOf({ method, url, bodyHash = '' }: Named): string {
  return `${method} ${url} ${bodyHash}`;
}
