import type {
  BodyReceiver,
  BodyWriter,
  CommittedFields,
  KnownBodies,
  KnownBody,
  PartRequest,
  ResponseHead,
} from '../../http/body-writer.ts';
import type { ExchangeArchive } from '../../http/exchange-archive.ts';
import type { BodyKind } from '../../http/record-body.ts';
import { BodyCapture, BodyHash } from './body-capture.ts';
import { hasBody } from './has-body.ts';
import type { Saver } from './saver.ts';

/** Selects what is kept of bodies. */
export interface KeepOptions {
  /** Saves bodies to files. */
  readonly saver?: Saver | undefined;
  /** Puts bodies of at most `maxBytes` bytes into records. */
  readonly capture?: { readonly kind: BodyKind; readonly maxBytes: number } | undefined;
  /** Adds the SHA-256 of every body to its record. A saver does so anyway. @default false */
  readonly hashes?: boolean;
  /** Keeps every exchange as it was on the wire. */
  readonly archive?: ExchangeArchive | undefined;
  /** Finds the body that an earlier run kept for a request. */
  readonly earlier?:
    ((request: Pick<PartRequest, 'method' | 'url' | 'bodyHash'>) => EarlierBody | undefined) | undefined;
}

/** A body of an earlier run, and the URL that sent it. */
export interface EarlierBody extends KnownBody {
  readonly finalUrl: string;
}

/** Makes the receiver that keeps bodies in several ways at once: for the `responseBody` option of `createFetcher()`. */
export function keepBodies(options: KeepOptions): BodyReceiver {
  const { saver, earlier, archive } = options;
  const receive: BodyReceiver = (head, control) => {
    const saving = saver?.receive(head, control);
    const writers = typeof saving === 'object' ? [saving] : [];
    if (hasBody(head)) writers.push(...others(head, options, writers.length > 0));
    if (writers.length === 0) return 'discard';
    const earlierSha256 = earlier?.(head)?.fields.sha256;
    const isPlain = writers.length === 1 && earlierSha256 === undefined;
    return isPlain ? writers[0]! : new BodyWriters(writers, earlierSha256);
  };
  const known = saver !== undefined || earlier !== undefined ? { known: knownBodies(options) } : {};
  return Object.assign(receive, known, saver && { parts: saver.parts }, archive && { archive }, {
    async close() {
      await Promise.all([saver?.close(), archive?.close()]);
    },
  });
}

function others(head: ResponseHead, { capture, hashes, saver }: KeepOptions, isSaved: boolean): BodyWriter[] {
  const writers: BodyWriter[] = [];
  if (hashes && !isSaved) writers.push(new BodyHash());
  if (capture) {
    const captured = new BodyCapture(head, capture.kind, capture.maxBytes);
    if (head.continueAt !== undefined) saver?.parts.read(head, head.continueAt, (bytes) => captured.write(bytes));
    writers.push(captured);
  }
  return writers;
}

function knownBodies({ saver, earlier }: KeepOptions): KnownBodies {
  return {
    existing: (request, index) => saver?.existing(request, index),
    earlier(request) {
      const body = earlier?.(request);
      if (body?.finalUrl !== request.origin + request.path) return undefined;
      if (saver === undefined) return withoutFile(body);
      // A file that is gone has to be fetched again.
      const { file } = body.fields;
      return file !== undefined && saver.has(file, body.length) ? body : undefined;
    },
  };
}

/** Files of an earlier run are not below a folder of this one. */
function withoutFile({ length, fields }: KnownBody): KnownBody {
  return { length, fields: Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'file')) };
}

/** Several writers of one body. */
class BodyWriters implements BodyWriter {
  readonly #writers: readonly BodyWriter[];
  readonly #earlierSha256: string | undefined;

  constructor(writers: readonly BodyWriter[], earlierSha256: string | undefined) {
    this.#writers = writers;
    this.#earlierSha256 = earlierSha256;
  }

  write(chunk: Uint8Array): boolean {
    let hasRoom = true;
    for (const writer of this.#writers) hasRoom = writer.write(chunk) && hasRoom;
    return hasRoom;
  }

  see(wireBytes: Uint8Array): void {
    for (const writer of this.#writers) writer.see?.(wireBytes);
  }

  async end(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.end()));
  }

  commit(): CommittedFields {
    let fields: CommittedFields = {};
    for (const writer of this.#writers) fields = { ...fields, ...writer.commit() };
    const isUnchanged = fields.sha256 !== undefined && fields.sha256 === this.#earlierSha256;
    return isUnchanged ? { ...fields, unchanged: true } : fields;
  }

  abort(reason: unknown): void {
    for (const writer of this.#writers) writer.abort(reason);
  }
}
