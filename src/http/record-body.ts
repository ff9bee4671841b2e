import { decodeText } from './body-text.ts';
import type { RecordBody } from './record-body-json.ts';

/** The ways to put a body into a record; `auto` goes by its media type. */
export const bodyKinds = ['auto', 'text', 'base64', 'json'] as const;

/** One of {@link bodyKinds}. */
export type BodyKind = (typeof bodyKinds)[number];

/**
 * Puts a body into a record. JSON stays as it was sent: parsed and written again, long numbers would lose digits and equal
 * keys would vanish. JSON that does not parse becomes text, and bytes that are no text in their charset become base64.
 */
export function toRecordBody(bytes: Uint8Array, contentType: string | undefined, kind: BodyKind = 'auto'): RecordBody {
  const type = contentType?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
  const wanted = kind === 'auto' ? kindOf(type, bytes) : kind;
  if (wanted === 'base64') return { bodyEncoding: 'base64', body: Buffer.from(bytes).toString('base64') };
  const text = decodeText(bytes, contentType);
  if (wanted === 'json' && isJson(text)) return { bodyEncoding: 'json', body: onOneLine(text) };
  return { bodyEncoding: 'text', body: text };
}

function kindOf(type: string, bytes: Uint8Array): BodyKind {
  if (/^(?:application|text)\/(?:[\w.!#$&^-]+\+)?json$/.test(type)) return 'json';
  if (isTextType(type)) return 'text';
  return bytes.length === 0 ? 'text' : 'base64';
}

const textTypes = new Set([
  'application/xml',
  'application/javascript',
  'application/x-javascript',
  'application/ecmascript',
  'application/x-www-form-urlencoded',
  'application/x-ndjson',
  'application/jsonl',
  'application/yaml',
  'application/x-yaml',
  'application/toml',
  'application/sql',
  'application/graphql',
  'image/svg+xml',
]);

function isTextType(type: string): boolean {
  return type.startsWith('text/') || type.endsWith('+xml') || textTypes.has(type);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** In JSON, line breaks and tabs stand between values only: a string cannot hold them as they are. */
function onOneLine(json: string): string {
  return json.replaceAll(/[\t\r\n]/g, ' ').trim();
}
