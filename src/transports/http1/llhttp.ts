import { createRequire } from 'node:module';
import simdCode from 'undici/lib/llhttp/llhttp_simd-wasm.js';

/** The functions of llhttp's WebAssembly build that we call. Pointers and lengths are in bytes. */
export interface Llhttp {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, data: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
}

/** The callbacks that llhttp makes while it runs. Anything but 0 stops it, but for `onHeadersComplete`. */
export interface LlhttpCallbacks {
  onMessageBegin(): number;
  /** A piece of the reason phrase. */
  onStatus(at: number, length: number): number;
  onHeaderField(at: number, length: number): number;
  onHeaderValue(at: number, length: number): number;
  /** 1 means that no body follows. */
  onHeadersComplete(status: number, isUpgrade: boolean, isKeptAlive: boolean): number;
  onBody(at: number, length: number): number;
  onMessageComplete(): number;
}

/** llhttp's type of a parser for responses. */
export const responseType = 2;

let current: LlhttpCallbacks | undefined;
let loaded: Llhttp | undefined;

/**
 * Returns llhttp, the parser of Node and undici, as undici's package ships it. Loaded once, when it is first needed. No lenient
 * flag is ever set.
 */
export function llhttp(): Llhttp {
  loaded ??= load();
  return loaded;
}

/** Directs the callbacks of the next call of llhttp to one parser. Calls must not nest: there is one place for them. */
export function directCallbacks(callbacks: LlhttpCallbacks): void {
  if (current) throw new Error('llhttp was called from within one of its callbacks');
  current = callbacks;
}

/** Ends what {@link directCallbacks} began, once llhttp has returned. */
export function endCallbacks(): void {
  current = undefined;
}

function load(): Llhttp {
  const { exports } = new WebAssembly.Instance(compile(), {
    env: {
      wasm_on_url: () => 0,
      wasm_on_status: (_parser: number, at: number, length: number) => current!.onStatus(at, length),
      wasm_on_message_begin: () => current!.onMessageBegin(),
      wasm_on_header_field: (_parser: number, at: number, length: number) => current!.onHeaderField(at, length),
      wasm_on_header_value: (_parser: number, at: number, length: number) => current!.onHeaderValue(at, length),
      wasm_on_headers_complete: (_parser: number, status: number, upgrade: number, keepAlive: number) =>
        current!.onHeadersComplete(status, upgrade === 1, keepAlive === 1),
      wasm_on_body: (_parser: number, at: number, length: number) => current!.onBody(at, length),
      wasm_on_message_complete: () => current!.onMessageComplete(),
    },
  });
  const wanted = exports as Llhttp;
  if (typeof wanted.llhttp_execute !== 'function' || typeof wanted.llhttp_alloc !== 'function') {
    throw new Error("undici's build of llhttp does not have the functions we call: was undici updated?");
  }
  return wanted;
}

function compile(): object {
  try {
    return new WebAssembly.Module(simdCode);
  } catch {
    // Some processors have no SIMD.
    const plain = createRequire(import.meta.url)('undici/lib/llhttp/llhttp-wasm.js') as Buffer<ArrayBuffer>;
    return new WebAssembly.Module(plain);
  }
}
