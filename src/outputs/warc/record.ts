import { STATUS_CODES } from 'node:http';
import type { WireHead } from '../../http/exchange-archive.ts';

/** A field of a WARC record. */
export type WarcField = readonly [name: string, value: string];

/** The head of a WARC record whose block has `length` bytes (WARC 1.1, section 4). */
export function recordHead(fields: readonly WarcField[], length: number): Buffer {
  const lines = [...fields, ['Content-Length', String(length)] as const].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.from(`WARC/1.1\r\n${lines.join('')}\r\n`);
}

/** What follows the block of a record. */
export const recordEnd: Buffer = Buffer.from('\r\n\r\n');

/** The block of a record of the type `application/warc-fields`. */
export function fieldsBlock(fields: readonly WarcField[]): Buffer {
  return Buffer.from(fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''));
}

/**
 * The head of a response as it is archived: as it was received, but for the framing. The stored body has no transfer coding, so
 * a reader that believed in one would damage it.
 *
 * @param bodyLength bytes of the stored body; undefined if the response can have none
 */
export function archivedHead(head: WireHead, bodyLength: number | undefined): Buffer {
  const protocol = head.protocol === 'HTTP/2' ? 'HTTP/1.1' : head.protocol;
  const reason = head.protocol === 'HTTP/2' ? (STATUS_CODES[head.status] ?? '') : head.statusText;
  const lines: string[] = [];
  let hasLength = bodyLength === undefined;
  for (let at = 0; at < head.fields.length; at += 2) {
    const [name = '', value = ''] = head.fields.slice(at, at + 2);
    const isLength = /^content-length$/i.test(name) && bodyLength !== undefined;
    if (/^transfer-encoding$/i.test(name) || (isLength && hasLength)) continue;
    lines.push(`${name}: ${isLength ? bodyLength : value}\r\n`);
    hasLength ||= isLength;
  }
  if (!hasLength) lines.push(`Content-Length: ${bodyLength}\r\n`);
  return Buffer.from(`${protocol} ${head.status} ${reason}\r\n${lines.join('')}\r\n`, 'latin1');
}
