import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { WARCParser } from 'warcio';

/** One record as warcio, which is none of ours, reads it. */
export interface ReadRecord {
  readonly type: string;
  readonly target: string;
  readonly offset: number;
  /** Status line or request line. */
  readonly line: string | undefined;
  /** Head and body as stored. */
  readonly block: Buffer;
  /** Names as they are spelled. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The body as stored. */
  readonly stored: Buffer;
  /** The body as the reader decodes it. */
  readonly text: string;
  header(name: string): string | undefined;
}

/** Reads a WARC file, and checks the digests of each block and payload. Throws if one is wrong. */
export async function readWarc(path: string): Promise<ReadRecord[]> {
  const blocks = await blocksOf(path);
  const stored: Buffer[] = [];
  for await (const record of new WARCParser(createReadStream(path))) {
    stored.push(Buffer.from(await record.readFully(false)));
  }
  const records: ReadRecord[] = [];
  // A body can be read once.
  const parser = new WARCParser(createReadStream(path), { keepHeadersCase: true });
  for await (const record of parser) {
    const at = records.length;
    const header = (name: string): string | undefined => record.warcHeader(name) ?? undefined;
    const { httpHeaders } = record;
    const text = Buffer.from(await record.readFully(true)).toString('latin1');
    records.push({
      type: record.warcType ?? '',
      target: String(record.warcTargetURI),
      offset: parser.offset,
      line: httpHeaders?.statusline,
      fields: httpHeaders ? Array.from(httpHeaders.headers as Iterable<[string, string]>) : [],
      block: blocks[at]!,
      stored: stored[at]!,
      text,
      header,
    });
    requireDigest(blocks[at]!, header('WARC-Block-Digest'));
    if (record.warcType === 'response') requireDigest(stored[at]!, header('WARC-Payload-Digest'));
  }
  return records;
}

async function blocksOf(path: string): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  for await (const record of new WARCParser(createReadStream(path), { parseHttp: false })) {
    const block = Buffer.from(await record.readFully(false));
    if (block.length !== record.warcContentLength) throw new Error('a block is shorter than its record says');
    blocks.push(block);
  }
  return blocks;
}

function requireDigest(bytes: Buffer, digest: string | undefined): void {
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (digest !== actual) throw new Error(`a record has the digest ${String(digest)}, but its bytes have ${actual}`);
}
