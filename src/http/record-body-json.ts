/** The form of a response body in its record. */
export interface RecordBody {
  readonly bodyEncoding?: 'text' | 'json' | 'base64';
  /** The body as text or base64; with `json` the JSON text as it was sent, but for line breaks. */
  readonly body?: string;
  /** The body was longer than the limit, and was left out. */
  readonly bodyOmitted?: 'size';
}

/** Adds a body to the JSON text of a record, as its last fields. */
export function spliceBody(json: string, { bodyEncoding, body, bodyOmitted }: RecordBody): string {
  const fields: string[] = [];
  if (bodyOmitted !== undefined) fields.push(`"bodyOmitted":${JSON.stringify(bodyOmitted)}`);
  if (bodyEncoding !== undefined) fields.push(`"bodyEncoding":${JSON.stringify(bodyEncoding)}`);
  if (body !== undefined) fields.push(`"body":${bodyEncoding === 'json' ? body : JSON.stringify(body)}`);
  return fields.length === 0 ? json : `${json.slice(0, -1)},${fields.join(',')}}`;
}

/** The body fields of a parsed record; the text of a JSON body is taken from the line, so that nothing of it is lost. */
export function readRecordBody(line: string, record: Readonly<Record<string, unknown>>): RecordBody {
  const { bodyEncoding, body, bodyOmitted } = record;
  if (bodyOmitted === 'size') return { bodyOmitted };
  if (bodyEncoding === 'json') return { bodyEncoding, body: memberText(line, 'body') ?? JSON.stringify(body) };
  if (bodyEncoding !== 'text' && bodyEncoding !== 'base64') return {};
  return typeof body === 'string' ? { bodyEncoding, body } : {};
}

/** The text of the value of a top-level member of a JSON object that is known to parse; of the last one of that name. */
export function memberText(json: string, name: string): string | undefined {
  let at = json.indexOf('{') + 1;
  let found: string | undefined;
  for (;;) {
    const keyAt = json.indexOf('"', at);
    if (keyAt < 0) return found;
    const keyEnd = stringEnd(json, keyAt);
    const valueAt = skipBlanks(json, json.indexOf(':', keyEnd) + 1);
    const valueEnd = skipValue(json, valueAt);
    if (JSON.parse(json.slice(keyAt, keyEnd)) === name) found = json.slice(valueAt, valueEnd);
    at = skipBlanks(json, valueEnd);
    if (json[at] !== ',') return found;
  }
}

function stringEnd(json: string, at: number): number {
  let end = at + 1;
  for (; json[end] !== '"'; end += 1) if (json[end] === '\\') end += 1;
  return end + 1;
}

function skipBlanks(json: string, at: number): number {
  let end = at;
  while (json[end] === ' ' || json[end] === '\t' || json[end] === '\n' || json[end] === '\r') end += 1;
  return end;
}

/** Without recursion: a body may be nested as deeply as it likes. */
function skipValue(json: string, at: number): number {
  let depth = 0;
  for (let end = at; end < json.length;) {
    const character = json[end]!;
    if (character === '"') end = stringEnd(json, end);
    else end += 1;
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    if (depth < 0) return end - 1;
    if (depth > 0) continue;
    if (character === '"' || character === '}' || character === ']') return end;
    if (json[end] === ',' || json[end] === '}') return end;
  }
  return json.length;
}
