import mime from 'mime';

/**
 * The extension that a media type calls for, with its dot, such as `.html`; an empty text where none is known or the type
 * says nothing (`application/octet-stream`).
 *
 * @param contentType the value of a `Content-Type` header
 */
export function extensionFor(contentType: string | undefined): string {
  const type = contentType?.split(';', 1)[0]!.trim().toLowerCase() ?? '';
  if (type === '' || silent.has(type)) return '';
  const extension = corrections.get(type) ?? mime.getExtension(type) ?? suffixExtension(type);
  return extension === '' ? '' : `.${extension}`;
}

const silent = new Set(['application/octet-stream', 'binary/octet-stream', 'application/unknown']);

/** Types that the `mime` package does not know, or names in an unusual way. */
const corrections = new Map([
  ['audio/mpeg', 'mp3'],
  ['application/x-gzip', 'gz'],
  ['image/jpg', 'jpg'],
  ['image/jpeg', 'jpg'],
  ['image/pjpeg', 'jpg'],
  ['image/x-png', 'png'],
  ['application/problem+json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/jsonl', 'jsonl'],
  ['application/vnd.apache.parquet', 'parquet'],
  ['application/x-parquet', 'parquet'],
  ['text/javascript', 'js'],
  ['application/x-javascript', 'js'],
  ['text/plain', 'txt'],
  ['text/xml', 'xml'],
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['application/x-yaml', 'yaml'],
  ['text/x-yaml', 'yaml'],
  ['application/warc', 'warc'],
]);

/** RFC 6838 structured suffixes: `application/anything+json` is JSON. */
function suffixExtension(type: string): string {
  const suffix = /\+(json|xml|zip|yaml)$/.exec(type)?.[1];
  return suffix ?? '';
}
