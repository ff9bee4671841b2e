import { maxPieceBytes } from './response-parser.ts';

/** The buffer that all our sockets read into: what is in it is of use until the next read only. */
export const readBuffer: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(maxPieceBytes);
