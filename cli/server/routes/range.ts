import type { IncomingHttpHeaders } from 'node:http';
import { maxBodyBytes, sendFromBlock } from '../block.ts';
import type { Exchange } from '../exchange.ts';
import { wholeNumber } from '../number.ts';
import { sendEmpty } from '../respond.ts';

const letters = Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(2048));

/** Answers with letters, or with the single range of them that was requested. */
export function range(exchange: Exchange): void | Promise<void> {
  const length = wholeNumber('length', exchange.parameters.length, { max: maxBodyBytes });
  const etag = `"range${length}"`;
  const headers = { 'Accept-Ranges': 'bytes', ETag: etag, 'Content-Type': 'application/octet-stream' };
  const asked = askedRange(exchange.request.headers, length, etag);
  if (asked === 'whole') return sendFromBlock(exchange, letters, 0, length, { headers });
  if (asked.start >= asked.end) {
    return sendEmpty(exchange, { status: 416, headers: { ...headers, 'Content-Range': `bytes */${length}` } });
  }
  const { start, end } = asked;
  const Range = { 'Content-Range': `bytes ${start}-${end - 1}/${length}` };
  return sendFromBlock(exchange, letters, start, end, { status: 206, headers: { ...headers, ...Range } });
}

// RFC 9110 section 14.2 lets a server ignore a Range header: we ignore invalid and multiple ranges.
function askedRange(
  { range: text = '', 'if-range': condition }: IncomingHttpHeaders,
  length: number,
  etag: string,
): 'whole' | { start: number; end: number } {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(text) ?? [];
  if ((condition !== undefined && condition !== etag) || (first === '' && last === '')) return 'whole';
  if (first === '') return { start: Math.max(0, length - Number(last)), end: length };
  if (last !== '' && Number(last) < Number(first)) return 'whole';
  return { start: Number(first), end: last === '' ? length : Math.min(length, Number(last) + 1) };
}
