import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Exchange, Handler } from '../exchange.ts';
import { send } from '../respond.ts';
import { factsOf } from './echo.ts';

/** Answers with gzip, whatever the client accepts. */
export const gzip: Handler = encoded('gzip', 'gzipped', gzipSync);
/** Answers with deflate (in a zlib wrapper), whatever the client accepts. */
export const deflate: Handler = encoded('deflate', 'deflated', deflateSync);
/** Answers with brotli, whatever the client accepts. */
export const brotli: Handler = encoded('br', 'brotli', brotliCompressSync);
/** Answers with zstd, whatever the client accepts. */
export const zstd: Handler = encoded('zstd', 'zstd', zstdCompressSync);

function encoded(coding: string, flag: string, compress: (text: string) => Buffer): Handler {
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': coding };
  return (exchange: Exchange) =>
    send(exchange, compress(`${JSON.stringify({ [flag]: true, ...factsOf(exchange) })}\n`), { headers });
}
