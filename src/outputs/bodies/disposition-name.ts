import { parse } from 'content-disposition';
import { percentDecoded } from '../../text/percent-decoded.ts';

/**
 * The file name in a `Content-Disposition` header (RFC 6266), without any folders before it; undefined where the header
 * has none or cannot be parsed. The name comes from a stranger: it is not safe yet.
 */
export function dispositionName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  try {
    const { filename } = parse(header).parameters;
    // Some servers percent-encode a plain `filename`; a slash hidden so must not stay in the name.
    return filename === undefined ? undefined : afterLastSlash(percentDecoded(filename));
  } catch {
    return undefined;
  }
}

function afterLastSlash(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}
