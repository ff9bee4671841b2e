import { ByteBlocks } from '../collections/byte-blocks.ts';
import type { BodyReceiver } from '../http/body-writer.ts';
import { FetchError, type FetchErrorCode } from '../http/error.ts';
import type { FetchResult } from '../http/result.ts';
import type { RobotsFile, RobotsFiles } from '../scheduling/robots-files.ts';
import type { FetchTools } from './fetch-run.ts';
import type { ResolvedOptions } from './options.ts';
import { SingleFetches } from './single-fetches.ts';

/** Bytes of a robots.txt that are read: the least that RFC 9309 wants. */
const maxBytes = 500 * 1024;

/** Longest time for one attempt in milliseconds: everything of the host waits for it. */
const maxTimeoutMs = 30_000;

/**
 * Retries of a robots.txt, unless there are none or more: after so many failures a host that does not answer is held, and
 * asked until it is there or down. A failure that lasts a moment must not cost all URLs of the host.
 */
const minRetries = 4;

/** Redirects of a robots.txt that are followed (RFC 9309, section 2.3.1.2). */
export const maxRobotsRedirects = 5;

/** Parts of a {@link RobotsReader}. */
export interface RobotsReaderParts {
  readonly files: RobotsFiles;
  readonly tools: FetchTools;
  readonly options: Pick<ResolvedOptions, 'concurrency' | 'timeoutMs' | 'retry'>;
}

/**
 * Reads the robots.txt files that are wanted, each by a request of its own within the limits of its host. One for which
 * nothing waits any more is not read.
 */
export class RobotsReader {
  readonly #parts: RobotsReaderParts;
  readonly #fetches: SingleFetches;
  readonly #userAgent: string;
  readonly #reading = new Map<string, AbortController>();
  #isClosed = false;

  constructor(parts: RobotsReaderParts) {
    this.#parts = parts;
    this.#fetches = new SingleFetches(parts.tools, false);
    this.#userAgent = productToken(parts.tools.headers);
    // Not at once: a queue is being looked through when a file is found to be wanted.
    parts.files.onWanted = () => queueMicrotask(() => this.#readMore());
  }

  /** Files that are being read. */
  get outstanding(): number {
    return this.#fetches.outstanding;
  }

  /** Gives up files for which nothing waits any more. */
  review(): void {
    const { scheduler } = this.#parts.tools;
    for (const [origin, cancelling] of this.#reading) if (!scheduler.isAwaited(origin)) cancelling.abort();
  }

  /** Cancels what is being read. */
  async close(reason: unknown): Promise<void> {
    this.#isClosed = true;
    await this.#fetches.close(reason);
  }

  #readMore(): void {
    const { files, options, tools } = this.#parts;
    while (!this.#isClosed && this.#reading.size < options.concurrency) {
      const origin = files.nextWanted();
      if (origin === undefined) return;
      if (tools.scheduler.isAwaited(origin)) void this.#read(origin);
      else files.drop(origin);
    }
  }

  async #read(origin: string): Promise<void> {
    const { files, tools } = this.#parts;
    const cancelling = new AbortController();
    this.#reading.set(origin, cancelling);
    const file = await this.#ask(origin, cancelling.signal);
    this.#reading.delete(origin);
    if (file === undefined) files.drop(origin);
    else files.read(origin, file, tools.scheduler.clock.now());
    if (this.#isClosed) return;
    tools.scheduler.originsFreed([origin]);
    this.#readMore();
  }

  async #ask(origin: string, signal: AbortSignal): Promise<RobotsFile | undefined> {
    const { timeoutMs, retry } = this.#parts.options;
    const request = {
      url: `${origin}/robots.txt`,
      timeoutMs: Math.min(timeoutMs, maxTimeoutMs),
      retries: retry.retries === 0 ? 0 : Math.max(retry.retries, minRetries),
    };
    const body = new Start();
    try {
      return await this.#fileOf(await this.#fetches.fetch(request, signal, 0, body.receive), body);
    } catch {
      // A bug of ours: the host must not wait for ever.
      return { unreadable: 'INTERNAL' };
    }
  }

  /** Returns what a file says; undefined if it was not asked for. */
  async #fileOf(result: FetchResult, body: Start): Promise<RobotsFile | undefined> {
    switch (result.kind) {
      case 'response':
        return this.#judge(result.status, result.length === 0 ? '' : body.text);
      case 'failure':
        if (body.isFull) return this.#judge(body.status, body.text);
        if (unsentCodes.has(result.error.code)) return undefined;
        return unreachedFile(result.error);
      case 'cancelled':
        return undefined;
      default:
        return result satisfies never;
    }
  }

  async #judge(status: number, text: string): Promise<RobotsFile> {
    if (status === 429 || status >= 500) return { unreadable: String(status) };
    if (status < 200 || status >= 300) return 'allows all';
    // Loaded with the first file.
    const { parseRobotsTxt } = await import('../http/robots-txt.ts');
    return parseRobotsTxt(text, this.#userAgent);
  }
}

/** The host is given up, or its quota is used up: its requests fail for that reason. */
const unsentCodes: ReadonlySet<FetchErrorCode> = new Set(['HOST_DOWN', 'RATE_LIMITED']);

function unreachedFile({ code, retryable }: FetchError): RobotsFile {
  // A redirect to nowhere is a file that is not there.
  if (code.startsWith('REDIRECT_')) return 'allows all';
  return !retryable && /^(?:ADDRESS|DNS|TLS|PROXY|HOOK)_/.test(code) ? 'out of reach' : { unreadable: code };
}

/** The start of a file, as far as it is read. */
class Start {
  /** The status of the last response. */
  status = 0;
  #blocks = new ByteBlocks();

  /** True if there is more in the file than is read. */
  get isFull(): boolean {
    return this.#blocks.length >= maxBytes;
  }

  get text(): string {
    const text = new TextDecoder().decode(this.#blocks.join().subarray(0, maxBytes));
    // Half a rule would be another rule.
    return this.isFull ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
  }

  readonly receive: BodyReceiver = ({ status }, control) => {
    this.status = status;
    this.#blocks = new ByteBlocks();
    // A redirect is followed, however long its page is.
    if (status >= 300 && status < 400) return 'discard';
    return {
      write: (chunk) => {
        if (this.isFull) return true;
        this.#blocks.appendCopy(chunk);
        if (this.isFull) control.fail(new FetchError('BODY_TOO_LARGE', 'A robots.txt is read up to 500 KiB'));
        return true;
      },
      end: () => Promise.resolve(),
      commit: () => ({}),
      abort: () => {},
    };
  };
}

/** Returns the name before the version in a `User-Agent` field: `my-crawler` of `my-crawler/1.0 (+https://example.com)`. */
function productToken(headers: readonly string[]): string {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'user-agent');
  const [token] = /^[^\s/]+/.exec(headers[at + 1] ?? '') ?? [];
  return at < 0 || token === undefined ? 'fetchmany' : token;
}
