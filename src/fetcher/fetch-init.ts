import { requireKnownFields, type RequestInput, type RequestObject } from '../http/request.ts';
import { parseHeaders, type HeadersInput } from '../http/headers.ts';

/** A request's fields besides its URL, much as the second argument of the global `fetch()`. */
export interface FetchInit {
  /** HTTP method. @default 'GET', or 'POST' with a body */
  readonly method?: string;
  /** Header fields, added to those of the fetcher. */
  readonly headers?: HeadersInput | Headers;
  /** Body to send. Parameters and form data bring their content type, unless `headers` names one. */
  readonly body?: string | Uint8Array | ArrayBuffer | URLSearchParams | FormData | Blob;
  /** A value to send as JSON, in place of `body`. */
  readonly json?: unknown;
  /** Fields to send as `application/x-www-form-urlencoded`, in place of `body`. */
  readonly form?: Readonly<Record<string, string>> | Iterable<readonly [string, string]> | URLSearchParams;
  /** The caller's own identifier, which comes back in the result. */
  readonly id?: string;
}

/** Refuses a request that has a field which no request has. Throws a `TypeError`. */
export function requireKnownRequest(input: RequestInput): void {
  if (isRequestObject(input)) requireKnownFields(input);
}

/** Tells whether an init says more about a request than when to cancel it. */
export function hasRequestFields(init: object): boolean {
  return Object.keys(init).some((name) => name !== 'signal');
}

function isRequestObject(input: RequestInput): input is RequestObject {
  return typeof input === 'object' && input !== null && !(input instanceof URL) && !('error' in input);
}

/** Merges a request and the init of `fetch()`. Rejects with a `TypeError` for an unknown or contradictory field. */
export async function mergeInit(input: RequestInput, init: FetchInit): Promise<RequestInput> {
  requireKnownFields(init, initFields);
  if (typeof input === 'object' && 'error' in input) return input;
  const { method, headers, id } = init;
  const encoded = await encodeBody(init);
  const own: RequestObject = isRequestObject(input) ? input : { url: input };
  const merged = mergePairs(own.headers ? pairsOf(own.headers) : [], headers ? pairsOf(headers) : []);
  const isTyped = merged.some(([name]) => name.toLowerCase() === 'content-type');
  if (encoded?.type !== undefined && !isTyped) merged.push(['content-type', encoded.type]);
  const hasBody = encoded !== undefined && own.method === undefined;
  return {
    ...own,
    ...(hasBody && { method: 'POST' }),
    ...(method !== undefined && { method }),
    ...(merged.length > 0 && { headers: merged }),
    ...(encoded && { body: encoded.bytes }),
    ...(id !== undefined && { id }),
  };
}

const initFields = ['method', 'headers', 'body', 'json', 'form', 'signal', 'id'];

interface EncodedBody {
  readonly bytes: string | Uint8Array;
  readonly type?: string;
}

async function encodeBody({ body, json, form }: FetchInit): Promise<EncodedBody | undefined> {
  const given = Object.entries({ body, json, form }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new TypeError(
      `Cannot send a request as it has ${given.map(([name]) => `'${name}'`).join(' and ')}: give one`,
    );
  }
  if (json !== undefined) return { bytes: toJson(json), type: 'application/json' };
  if (form !== undefined) return encodeWeb(new URLSearchParams(form as Record<string, string>));
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    return body === undefined ? undefined : { bytes: body };
  }
  if ([URLSearchParams, FormData, Blob, ArrayBuffer].some((type) => body instanceof type)) return encodeWeb(body);
  throw new TypeError(
    `Cannot send a request as 'body' must be a string, bytes, URLSearchParams, FormData or a Blob; use 'json' for other values`,
  );
}

function toJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`Cannot send a request as 'json' has no JSON form`);
  return text;
}

/** Encodes a body as the global `fetch()` does. */
async function encodeWeb(body: ArrayBuffer | URLSearchParams | FormData | Blob): Promise<EncodedBody> {
  const response = new Response(body);
  const type = response.headers.get('content-type') ?? '';
  return { bytes: new Uint8Array(await response.arrayBuffer()), ...(type !== '' && { type }) };
}

function pairsOf(headers: HeadersInput): Pair[] {
  const flat = parseHeaders(headers);
  return flat.flatMap((name, at): Pair[] => (at % 2 === 0 ? [[name, flat[at + 1]!]] : []));
}

type Pair = [name: string, value: string];

/** Merges header fields. A field of the init replaces one of the same name. */
function mergePairs(own: readonly Pair[], init: readonly Pair[]): Pair[] {
  const names = new Set(init.map(([name]) => name.toLowerCase()));
  return [...own.filter(([name]) => !names.has(name.toLowerCase())), ...init];
}
