import type { ExpectedDigest } from './expected-digest.ts';
import type { FetchError } from './error.ts';
import type { ExchangeArchive } from './exchange-archive.ts';
import type { ListEntry } from './list-entry.ts';
import type { PartialBody } from './range.ts';
import type { RecordBody } from './record-body-json.ts';
import type { ResponseHeaders } from './result.ts';

/** The head of a response whose body is about to arrive. */
export interface ResponseHead {
  /** Position of the request in its run, from 0. */
  readonly index: number;
  /** The request's URL, before redirects, with any password hidden. */
  readonly url: string;
  readonly method: string;
  /** The caller's own identifier of the request. */
  readonly id?: string | undefined;
  /** Start of the SHA-256 of the request's body, in hexadecimal, if it had one. */
  readonly bodyHash?: string | undefined;
  /** The URL that answered, after redirects. */
  readonly finalUrl: string;
  readonly status: number;
  /** True if the status is expected. */
  readonly ok: boolean;
  readonly headers: ResponseHeaders;
  /** Line of the request in its list, from 1. */
  readonly line?: number | undefined;
  /** Columns or fields of the entry that the request comes from. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** The name that the request wants for the file of its body, relative to the folder of saved bodies. */
  readonly wantedFile?: string | undefined;
  /** The SHA-256 that the request wants its body to have, in hexadecimal. */
  readonly wantedSha256?: string | undefined;
  /** Further checksums that the request wants its body to have. */
  readonly wantedChecksums?: readonly ExpectedDigest[] | undefined;
  /** The body that arrives continues a part, cut to so many bytes. */
  readonly continueAt?: number | undefined;
}

/** The reason of `abort()` for a response whose request is sent again. */
export const sentAgain: unique symbol = Symbol('sent again');

/** Tells the fetcher about a {@link BodyWriter}. */
export interface BodyControl {
  /** There is room again after `write()` returned false. */
  drain(): void;
  /** The body cannot be kept: the request fails with this error. */
  fail(error: FetchError): void;
}

/** Fields that the keeper of a body adds to the result of its request. */
export interface BodyFields extends RecordBody {
  /** Where the body was saved, relative to the folder, with `/`. */
  readonly file?: string;
  /** SHA-256 of the saved bytes, in hexadecimal. */
  readonly sha256?: string;
  /** An equal request of this run had saved the same bytes already. */
  readonly deduplicated?: true;
  /** The body is the one that an earlier run kept. */
  readonly unchanged?: true;
}

/**
 * The fields that a writer commits. `length` replaces the length of the received body, where another one is kept. `bodyMatches`
 * is for the expectations, and does not come into the result.
 */
export type CommittedFields = BodyFields & { readonly length?: number; readonly bodyMatches?: boolean };

/**
 * Takes the body of one response while it arrives. Either `end()` is called, and then `commit()` if the response becomes the
 * result of its request; or `abort()`: when the body is cut, the request is cancelled or times out, or is tried again.
 */
export interface BodyWriter {
  /** Takes the next decoded bytes, which are valid only during the call. False asks to wait for `drain()`. */
  write(chunk: Uint8Array): boolean;
  /** Sees the bytes as received, before decoding. They are valid only during the call. */
  see?(wireBytes: Uint8Array): void;
  /** The body is whole. Resolves once its bytes are where they belong; a rejection fails the request. */
  end(): Promise<void>;
  /** The response is the result. Returns what its result has besides; a throw fails the request. */
  commit(): CommittedFields;
  /** The body is of no use: a `FetchError`, the reason of a cancellation, or {@link sentAgain}. */
  abort(reason: unknown): void;
}

/** Decides what becomes of the body of a response: kept for `bytes()`, counted and dropped, or given to a writer. */
export interface BodyReceiver {
  (head: ResponseHead, control: BodyControl): BodyWriter | 'buffer' | 'discard';
  /** Parts of bodies that earlier attempts left, if they are to be continued. */
  readonly parts?: PartialBodies;
  /** Bodies of earlier runs that need not be sent again, if there are any. */
  readonly known?: KnownBodies;
  /** Keeps every exchange as it was on the wire. */
  readonly archive?: ExchangeArchive;
  /** Gives back what it holds, once the fetcher is closed. */
  readonly close?: () => void | Promise<void>;
}

/** A request, as far as the name of its file depends on it. */
export interface NamedRequest {
  readonly method: string;
  readonly url: string;
  readonly bodyHash?: string | undefined;
  readonly id?: string | undefined;
  readonly entry?: ListEntry | undefined;
}

/** A request of one hop, as far as a part of its body depends on it. */
export interface PartRequest {
  readonly method: string;
  /** The URL that was asked for, before redirects. */
  readonly url: string;
  readonly bodyHash?: string | undefined;
  /** Origin and path of this hop. */
  readonly origin: string;
  readonly path: string;
}

/** A body of an earlier run that still holds: the fields of its result and its length in bytes. */
export interface KnownBody {
  readonly length: number;
  readonly fields: BodyFields & Validators;
}

/** Header fields of a response that tell its version, and its media type. */
export interface Validators {
  readonly mediaType?: string;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** The bodies that earlier runs kept. */
export interface KnownBodies {
  /** Returns the body whose request need not be sent at all. */
  existing(request: NamedRequest, index: number): KnownBody | undefined;
  /** Returns the body that stays valid if the server answers this hop with 304. */
  earlier(request: PartRequest): KnownBody | undefined;
}

/** The parts of bodies that earlier attempts left. */
export interface PartialBodies {
  /** The part that a request to this origin and path can continue. */
  partOf(request: PartRequest): PartialBody | undefined;
  /** The part is of no use. */
  dropPart(request: PartRequest): void;
}
