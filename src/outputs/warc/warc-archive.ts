import { createHash, randomUUID } from 'node:crypto';
import { BoundedMap } from '../../collections/bounded-map.ts';
import type {
  ArchivedRequest,
  ArchivePlace,
  ExchangeArchive,
  ExchangeKeeper,
  WireHead,
} from '../../http/exchange-archive.ts';
import { printable } from '../../text/printable.ts';
import { version } from '../../version.ts';
import { archivedHead, fieldsBlock, recordEnd, recordHead, type WarcField } from './record.ts';
import { Spool, type SpoolMemory } from './spool.ts';
import type { RecordBytes } from './warc-file.ts';
import { WarcFiles, type WarcFilesOptions } from './warc-files.ts';

/** Payloads that are remembered, so that the next one like it is a `revisit`. */
const maxPayloads = 50_000;

/** Archives exchanges in a WARC 1.1 file: a response and a request for each, or a revisit, or the reason of a failure. */
export class WarcArchive implements ExchangeArchive {
  readonly #path: string;
  readonly #files: WarcFiles;
  readonly #payloads = new BoundedMap<string, StoredPayload>(maxPayloads);
  readonly #memory: SpoolMemory = { held: 0 };
  #spools = 0;

  /** Opens and locks the file. Throws an `OutputError`. */
  constructor(path: string, options: WarcFilesOptions) {
    this.#path = path;
    this.#files = new WarcFiles(path, options, warcinfo);
  }

  /** True once the file cannot be written any more: every exchange fails from then on. */
  get isBroken(): boolean {
    return this.#files.isBroken;
  }

  /** Tells whether a record that an earlier part of the run wrote is there. */
  holds(place: ArchivePlace): boolean {
    return this.#files.holds(place);
  }

  begin(request: ArchivedRequest): ExchangeKeeper {
    return new WarcExchange(this, request);
  }

  close(): Promise<void> {
    return this.#files.close();
  }

  /** Makes a place for a body. */
  spool(onRoom: () => void): Spool {
    return new Spool(`${this.#path}.${process.pid}.${(this.#spools += 1)}.body`, this.#memory, onRoom);
  }

  /** Returns the response with the same payload that is in the file, or will be before anything that is appended from now on. */
  earlierPayload(digest: string): StoredPayload | undefined {
    return this.#payloads.get(digest);
  }

  /** @param payload the payload among the records */
  async append(records: readonly RecordBytes[], payload?: StoredPayload): Promise<ArchivePlace> {
    if (payload) this.#payloads.set(payload.digest, payload);
    return this.#files.append(records);
  }
}

/** A response whose payload is in the file. */
interface StoredPayload {
  readonly digest: string;
  readonly id: string;
  readonly target: string;
  readonly date: string;
}

/** A response that is complete. */
interface Received {
  readonly head: WireHead;
  readonly spool: Spool;
  /** The same payload, already in the file. */
  readonly earlier: StoredPayload | undefined;
}

/** One exchange. */
class WarcExchange implements ExchangeKeeper {
  readonly #archive: WarcArchive;
  readonly #method: string;
  readonly #target: string;
  #date = '';
  #address: readonly WarcField[] = [];
  #request: { readonly head: string; readonly body: Uint8Array | undefined } | undefined;
  #head: WireHead | undefined;
  #spool: Spool | undefined;
  #cut: 'length' | 'time' | undefined;

  constructor(archive: WarcArchive, { method, origin, path }: ArchivedRequest) {
    this.#archive = archive;
    this.#method = method;
    this.#target = origin + path;
  }

  sent(head: string, body: Uint8Array | undefined, address: string | undefined): void {
    this.drop();
    this.#address = address === undefined ? [] : [['WARC-IP-Address', address]];
    this.#head = undefined;
    this.#date = new Date().toISOString();
    this.#request = { head, body };
  }

  begin(head: WireHead, drain: () => void): void {
    this.#head = head;
    this.#spool = this.#archive.spool(drain);
  }

  take(piece: Uint8Array): boolean {
    return this.#spool?.write(piece) ?? true;
  }

  cut(reason: 'length' | 'time'): void {
    this.#cut = reason;
  }

  async keep(): Promise<ArchivePlace | undefined> {
    const head = this.#head;
    const spool = this.#spool;
    if (head === undefined || spool === undefined) return undefined;
    try {
      await spool.end();
      const id = recordId();
      const earlier = this.#isWholePayload(head, spool) ? this.#archive.earlierPayload(spool.sha256) : undefined;
      const response = await this.#response(id, { head, spool, earlier });
      const isPayload = earlier === undefined && this.#isWholePayload(head, spool);
      const payload = isPayload ? { digest: spool.sha256, id, target: this.#target, date: this.#date } : undefined;
      return await this.#archive.append([response, ...this.#requestRecord(id)], payload);
    } finally {
      spool.close();
    }
  }

  async keepFailure({ code, message }: { readonly code: string; readonly message: string }): Promise<void> {
    this.drop();
    const id = recordId();
    const block = fieldsBlock([
      ['error', code],
      ['message', printable(message)],
    ]);
    const fields: WarcField[] = [
      ['WARC-Type', 'metadata'],
      ['WARC-Record-ID', id],
      ['WARC-Date', this.#date || new Date().toISOString()],
      ['WARC-Target-URI', this.#target],
      ...this.#address,
      ['WARC-Block-Digest', digestOf(block)],
      ['Content-Type', 'application/warc-fields'],
    ];
    await this.#archive.append([record(fields, block), ...this.#requestRecord(id)]);
  }

  drop(): void {
    this.#spool?.close();
    this.#spool = undefined;
    this.#cut = undefined;
  }

  /** The record of the response. It is a revisit if the body was not sent again, or is in the file already. */
  async #response(id: string, { head, spool, earlier }: Received): Promise<RecordBytes> {
    const canHaveBody = this.#method !== 'HEAD' && head.status !== 204 && head.status !== 304;
    const payload = `sha256:${spool.sha256}`;
    const block = archivedHead(head, canHaveBody ? spool.length : undefined);
    const fields: WarcField[] = [
      ['WARC-Record-ID', id],
      ['WARC-Date', this.#date],
      ['WARC-Target-URI', this.#target],
      ...this.#address,
      ...(head.protocol === 'HTTP/2' ? [['WARC-Protocol', 'h2'] as const] : []),
      ['Content-Type', 'application/http; msgtype=response'],
    ];
    if (head.status === 304) return record([...revisit('server-not-modified'), ...fields, blockDigest(block)], block);
    fields.push(['WARC-Payload-Digest', payload]);
    if (earlier) {
      const source: readonly WarcField[] = [
        ['WARC-Refers-To', earlier.id],
        ['WARC-Refers-To-Target-URI', earlier.target],
        ['WARC-Refers-To-Date', earlier.date],
        ['WARC-Truncated', 'length'],
      ];
      return record([...revisit('identical-payload-digest'), ...source, ...fields, blockDigest(block)], block);
    }
    if (this.#cut) fields.push(['WARC-Truncated', this.#cut]);
    return wholeResponse([['WARC-Type', 'response'], ...fields], block, spool);
  }

  /** A part of a body, or one that was cut, is not the payload that its digest would name. */
  #isWholePayload({ status }: WireHead, { length }: Spool): boolean {
    return length > 0 && status !== 206 && this.#cut === undefined;
  }

  /** The record of the request that belongs to another record. None if nothing was sent. */
  #requestRecord(concurrentTo: string): Uint8Array[] {
    if (this.#request === undefined) return [];
    const { head, body = new Uint8Array(0) } = this.#request;
    const block = Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const fields: WarcField[] = [
      ['WARC-Type', 'request'],
      ['WARC-Record-ID', recordId()],
      ['WARC-Date', this.#date],
      ['WARC-Target-URI', this.#target],
      ...this.#address,
      ['WARC-Concurrent-To', concurrentTo],
      blockDigest(block),
      ['Content-Type', 'application/http; msgtype=request'],
    ];
    return [record(fields, block)];
  }
}

function warcinfo(filename: string): Uint8Array {
  const block = fieldsBlock([
    ['software', `fetchmany/${version}`],
    ['format', 'WARC File Format 1.1'],
    ['conformsTo', 'http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/'],
  ]);
  const fields: WarcField[] = [
    ['WARC-Type', 'warcinfo'],
    ['WARC-Record-ID', recordId()],
    ['WARC-Date', new Date().toISOString()],
    ['WARC-Filename', filename],
    blockDigest(block),
    ['Content-Type', 'application/warc-fields'],
  ];
  return record(fields, block);
}

function recordId(): string {
  return `<urn:uuid:${randomUUID()}>`;
}

function revisit(profile: string): WarcField[] {
  return [
    ['WARC-Type', 'revisit'],
    ['WARC-Profile', `http://netpreserve.org/warc/1.1/revisit/${profile}`],
  ];
}

function record(fields: readonly WarcField[], block: Uint8Array): Uint8Array {
  return Buffer.concat([recordHead(fields, block.length), block, recordEnd]);
}

/** A response with its body. A long one is read twice: the digest of the block comes before it. */
async function wholeResponse(fields: readonly WarcField[], head: Buffer, spool: Spool): Promise<RecordBytes> {
  const { bytes } = spool;
  if (bytes) {
    const block = Buffer.concat([head, bytes]);
    return record([...fields, blockDigest(block)], block);
  }
  const hash = createHash('sha256').update(head);
  for await (const piece of spool.pieces()) hash.update(piece);
  const warcHead = recordHead(
    [...fields, ['WARC-Block-Digest', `sha256:${hash.digest('hex')}`]],
    head.length + spool.length,
  );
  return (async function* pieces() {
    yield warcHead;
    yield head;
    yield* spool.pieces();
    yield recordEnd;
  })();
}

function blockDigest(block: Uint8Array): WarcField {
  return ['WARC-Block-Digest', digestOf(block)];
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
