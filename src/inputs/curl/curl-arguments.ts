import { FetchError } from '../../http/error.ts';
import type { Draft } from '../request-builder.ts';
import { withoutFraming } from '../without-framing.ts';
import { curlOptions, type CurlOption } from './curl-options.ts';

/**
 * Turns a curl command into the requests that curl would send. Throws a `FetchError` that names the option if we do not
 * support it, or if it reads a file.
 *
 * @param words the command, its program first
 */
export function requestsOf([program = '', ...words]: readonly string[]): Draft[] {
  if (!/^(?:.*[/\\])?curl(?:\.exe)?$/i.test(program)) throw invalid(`Command is '${program.slice(0, 100)}', not curl`);
  const transfers = [new Transfer()];
  for (const { option, value } of parse(words)) {
    if (option === 'next') transfers.push(new Transfer());
    else transfers.at(-1)!.set(option, value);
  }
  return transfers.flatMap((transfer) => transfer.requests());
}

interface Argument {
  readonly option: CurlOption;
  readonly value: string;
}

/** Splits the arguments as curl does: `-XPOST`, `-sSd data`, `--data data`, and URLs without an option. */
function* parse(words: readonly string[]): Generator<Argument, void, undefined> {
  let isOptions = true;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    const next = (name: string): string => {
      at += 1;
      if (words[at] === undefined) throw invalid(`Command has ${name} without a value`);
      return words[at]!;
    };
    if (!isOptions || !word.startsWith('-') || word === '-') yield { option: 'url', value: word };
    else if (word === '--') isOptions = false;
    else if (word.startsWith('--')) yield* one(word, () => next(word));
    else yield* cluster(word, next);
  }
}

function* one(name: string, value: () => string): Generator<Argument, void, undefined> {
  const known = curlOptions.get(name);
  if (known === undefined) throw invalid(`Command has the option ${name.slice(0, 100)}, which is not supported`);
  const { option, hasValue } = known;
  if (option === 'ignored') {
    if (hasValue) value();
  } else yield { option, value: hasValue ? value() : '' };
}

/** Reads one-letter options that share a dash. The rest of the word is the value of the first that has one. */
function* cluster(word: string, next: (name: string) => string): Generator<Argument, void, undefined> {
  for (let at = 1; at < word.length; at += 1) {
    const name = `-${word[at]}`;
    const rest = word.slice(at + 1);
    yield* one(name, () => (rest === '' ? next(name) : rest));
    if (curlOptions.get(name)!.hasValue) return;
  }
}

/** The options up to the next `--next`. */
class Transfer {
  readonly #urls: string[] = [];
  readonly #headers: [string, string][] = [];
  readonly #removed = new Set<string>();
  readonly #data: string[] = [];
  readonly #query: string[] = [];
  readonly #files: string[] = [];
  #method: string | undefined;
  #isGet = false;
  #isHead = false;
  #isJson = false;
  #isLiteralUrl = false;
  #hasData = false;
  #timeoutMs: number | undefined;
  #userInfo: string | undefined;

  set(option: CurlOption, value: string): void {
    this[option === 'next' || option === 'ignored' ? 'none' : option](value);
  }

  requests(): Draft[] {
    if (this.#urls.length === 0) throw invalid('Command has no URL');
    return this.#urls.map((url, at) => this.#request(url, this.#files[at]));
  }

  #request(url: string, file: string | undefined): Draft {
    if (!this.#isLiteralUrl && /[{}]|\[(?![0-9a-f:.]+\])/i.test(url)) {
      throw invalid('URL has braces or brackets, which curl would expand; add --globoff to send them unchanged');
    }
    const hasBody = this.#hasData && !this.#isGet;
    const headers = this.#allHeaders(hasBody);
    return {
      url: this.#withQuery(url),
      method: this.#method ?? (this.#isHead ? 'HEAD' : hasBody ? 'POST' : 'GET'),
      ...(headers.length > 0 && { headers }),
      ...(hasBody && { body: this.#data.join('') }),
      ...(this.#timeoutMs !== undefined && { timeoutMs: this.#timeoutMs }),
      ...(file !== undefined && { file }),
    };
  }

  #allHeaders(hasBody: boolean): [string, string][] {
    const own = new Set(this.#headers.map(([name]) => name.toLowerCase()));
    const added: [string, string][] = [];
    const add = (name: string, value: string): void => {
      if (!own.has(name) && !this.#removed.has(name)) added.push([name, value]);
    };
    if (hasBody) add('content-type', this.#isJson ? 'application/json' : 'application/x-www-form-urlencoded');
    if (this.#isJson) add('accept', 'application/json');
    if (this.#userInfo !== undefined) add('authorization', `Basic ${Buffer.from(this.#userInfo).toString('base64')}`);
    return withoutFraming([...this.#headers, ...added]);
  }

  #withQuery(url: string): string {
    const query = [...this.#query, ...(this.#isGet && this.#hasData ? [this.#data.join('')] : [])]
      .filter(Boolean)
      .join('&');
    if (query === '') return url;
    const [address = '', ...fragment] = url.split('#');
    const joint = address.includes('?') ? (/[?&]$/.test(address) ? '' : '&') : '?';
    return [address + joint + query, ...fragment].join('#');
  }

  none(): void {}

  url(value: string): void {
    this.#urls.push(value);
  }

  method(value: string): void {
    this.#method = value;
  }

  header(value: string): void {
    if (value.startsWith('@')) throw readsFile('-H', value);
    const [, name = '', mark, text = ''] = /^([^:;]*)([:;]?)([^]*)$/.exec(value)!;
    if (mark === ';' && text.trim() === '') this.#headers.push([name.trim(), '']);
    else if (mark !== ':') throw invalid(`Command has a header without a colon`);
    else if (text.trim() === '') this.#removed.add(name.trim().toLowerCase());
    else this.#headers.push([name.trim(), text.trim()]);
  }

  data(value: string): void {
    if (value.startsWith('@')) throw readsFile('-d', value);
    this.dataRaw(value);
  }

  dataRaw(value: string): void {
    this.#data.push(this.#hasData ? `&${value}` : value);
    this.#hasData = true;
  }

  json(value: string): void {
    if (value.startsWith('@')) throw readsFile('--json', value);
    this.#data.push(value);
    this.#hasData = true;
    this.#isJson = true;
  }

  dataUrlencode(value: string): void {
    this.dataRaw(urlencoded(value, '--data-urlencode'));
  }

  urlQuery(value: string): void {
    this.#query.push(value.startsWith('+') ? value.slice(1) : urlencoded(value, '--url-query'));
  }

  get(): void {
    this.#isGet = true;
  }

  head(): void {
    this.#isHead = true;
  }

  user(value: string): void {
    this.#userInfo = value.includes(':') ? value : `${value}:`;
  }

  userAgent(value: string): void {
    if (value === '') this.#removed.add('user-agent');
    else this.#headers.push(['user-agent', value]);
  }

  referer(value: string): void {
    const referer = value.replace(/;auto$/, '');
    if (referer !== '') this.#headers.push(['referer', referer]);
  }

  cookie(value: string): void {
    if (!value.includes('=')) throw readsFile('-b', value);
    this.#headers.push(['cookie', value]);
  }

  output(value: string): void {
    this.#files.push(value);
  }

  maxTime(value: string): void {
    const seconds = Number(value);
    if (!(seconds >= 0) || value.trim() === '') throw invalid('Command has -m without a number of seconds');
    if (seconds > 0) this.#timeoutMs = seconds * 1000;
  }

  globoff(): void {
    this.#isLiteralUrl = true;
  }

  bearer(value: string): void {
    this.#headers.push(['authorization', `Bearer ${value}`]);
  }
}

/** Encodes `content`, `=content` or `name=content` as curl does. */
function urlencoded(value: string, option: string): string {
  const [, name = '', mark = '', content = ''] = /^([^=@]*)([=@]?)([^]*)$/.exec(value)!;
  if (mark === '@') throw readsFile(option, value);
  if (mark === '') return encoded(name);
  return name === '' ? encoded(content) : `${name}=${encoded(content)}`;
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function readsFile(option: string, value: string): FetchError {
  return invalid(`Command reads a file (${option} ${value.slice(0, 100)}), which is not allowed in a list`);
}

function invalid(message: string): FetchError {
  return new FetchError('REQUEST_INVALID', message);
}
