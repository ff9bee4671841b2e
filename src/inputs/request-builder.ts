import { FetchError } from '../http/error.ts';
import type { HeadersInput } from '../http/headers.ts';
import type { RequestObject } from '../http/request.ts';
import { ColumnError } from './column-error.ts';
import { fieldText } from '../text/field-text.ts';
import { rejected, type RequestItem } from './request-item.ts';
import { Template, type Fields, type TemplateUse } from './template.ts';

/** Options for building requests from the entries of a list. */
export interface BuildOptions {
  /** URL with placeholders: `{column}` is percent-encoded, `{+column}` is inserted as it is. */
  readonly urlTemplate?: string;
  /**
   * Body with placeholders. In a JSON body `{column}` is escaped for a JSON string; in a form it is percent-encoded.
   * The method is POST unless the entry has its own.
   */
  readonly bodyTemplate?: string;
  /** Header fields with placeholders. Fields of the entry replace those of the same name. */
  readonly headerTemplates?: Readonly<Record<string, string>>;
  /** Columns or fields that are copied to the result. All of them by default. */
  readonly keep?: readonly string[];
  /** Method of entries without their own. @default 'GET', or 'POST' with a body */
  readonly method?: string;
  /** Scheme for a URL that has none; `none` rejects it. @default 'https' */
  readonly defaultScheme?: 'http' | 'https' | 'none';
  /** Name of the list, copied to every result. */
  readonly source?: string;
  /** Takes fields called `sha256`, `sha512`, `sha1`, `md5` or `checksum` for checksums of the body. @default false */
  readonly checksums?: boolean;
  /**
   * Receives the columns or fields that are copied to the results, and `all` that templates may use, once they are known:
   * before the first request of each list. What it throws ends the reading.
   */
  readonly onColumns?: (columns: readonly string[], all: readonly string[]) => void;
}

/** A request that is still being built. */
export type Draft = { -readonly [Name in keyof RequestObject]?: RequestObject[Name] };

/** Builds requests: fills in the templates, and adds the options that all entries of a list share. */
export class RequestBuilder {
  readonly #options: BuildOptions;
  readonly #scheme: 'http' | 'https' | undefined;
  readonly #hasTemplates: boolean;
  #url: Template | undefined;
  #body: Template | undefined;
  #headers: readonly (readonly [name: string, value: Template])[] = [];

  constructor(options: BuildOptions) {
    const { defaultScheme = 'https', urlTemplate, bodyTemplate, headerTemplates } = options;
    this.#options = options;
    this.#scheme = defaultScheme === 'none' ? undefined : defaultScheme;
    this.#hasTemplates = [urlTemplate, bodyTemplate, headerTemplates].some((template) => template !== undefined);
  }

  /** True if entries need no URL of their own. */
  get hasUrlTemplate(): boolean {
    return this.#options.urlTemplate !== undefined;
  }

  /**
   * Takes the columns of the list. Throws a {@link ColumnError} if an option names one that is not there.
   *
   * @param carried those that are copied to the results, unless `keep` says which
   * @param mayDiffer true if entries may differ without a template, as by a body of their own
   */
  setColumns(columns: readonly string[], carried: readonly string[] = columns, mayDiffer = false): void {
    const { urlTemplate, bodyTemplate, headerTemplates = {}, keep, onColumns } = this.#options;
    const unknown = keep?.find((column) => !columns.includes(column));
    if (unknown !== undefined) throw new ColumnError(`There is no column '${unknown}' to keep`, columns);
    const template = (text: string, use: TemplateUse): Template => new Template(text, use, columns);
    if (urlTemplate !== undefined) this.#url = template(urlTemplate, 'url');
    if (bodyTemplate !== undefined) this.#body = template(bodyTemplate, useOf(bodyTemplate, headerTemplates));
    this.#headers = Object.entries(headerTemplates).map(([name, value]) => [name, template(value, 'text')]);
    if (urlTemplate !== undefined && !mayDiffer && !columns.some((column) => this.uses(column)))
      throw new ColumnError('The URL template has no {column}, so every request would be the same', columns);
    onColumns?.(keep === undefined ? carried : carried.filter((column) => keep.includes(column)), columns);
  }

  /** Tells whether a template uses a column. {@link setColumns} must have been called. */
  uses(column: string): boolean {
    const templates = [this.#url, this.#body, ...this.#headers.map(([, value]) => value)];
    return templates.some((template) => template?.uses(column));
  }

  /** Tells whether an option sets this part of every request, so that no column has to. */
  sets(part: 'method' | 'headers' | 'body'): boolean {
    const { method, headerTemplates, bodyTemplate } = this.#options;
    return { method, headers: headerTemplates, body: bodyTemplate }[part] !== undefined;
  }

  /**
   * Completes a draft in place.
   *
   * @param fields fields that the templates may use
   * @param text shown as the URL if the entry has none
   */
  build(draft: Draft, fields: Fields, line: number | undefined, text: () => string): RequestItem {
    if (this.#hasTemplates) {
      try {
        this.#fill(draft, fields);
      } catch (error) {
        if (!(error instanceof FetchError)) throw error;
        return this.reject(error, line, text(), draft);
      }
    }
    if (draft.url === undefined || draft.url === '') {
      return this.reject(new FetchError('URL_INVALID', 'Entry has no URL'), line, text(), draft);
    }
    const method = this.#options.method ?? (draft.body === undefined ? undefined : 'POST');
    if (method !== undefined) draft.method ??= method;
    if (this.#scheme !== undefined) draft.defaultScheme ??= this.#scheme;
    if (line !== undefined) draft.line = line;
    if (this.#options.source !== undefined) draft.source ??= this.#options.source;
    return draft as RequestObject;
  }

  /**
   * Makes the item of an entry that cannot be sent.
   *
   * @param text shown as the URL if the draft has none
   */
  reject(error: FetchError, line: number | undefined, text: string, draft: Draft = {}): RequestItem {
    const { url, id, input, source = this.#options.source } = draft;
    return {
      ...rejected(url === undefined || url === '' ? text : String(url), error, line),
      ...(id !== undefined && { id }),
      ...(input !== undefined && { input }),
      ...(source !== undefined && { source }),
    };
  }

  /**
   * Adds the checksums that an entry names, if they are wanted. An empty field is none; what is no checksum is refused when the
   * request is parsed.
   */
  addChecksums(draft: Draft, fields: Fields): void {
    if (!this.#options.checksums) return;
    const checksums = Object.keys(fields).flatMap((field) => {
      const name = field.trim().toLowerCase();
      const value = checksumFields.has(name) ? fieldText(fields[field]).trim() : '';
      if (value === '') return [];
      return name === 'checksum' || /^[a-z0-9]+[:-]/i.test(value) ? [value] : [`${name}:${value}`];
    });
    if (checksums.length > 0) draft.checksum = checksums.join(' ');
  }

  /** Picks the fields that are copied to the result; `undefined` if there are none. */
  kept(fields: Fields): Fields | undefined {
    const { keep } = this.#options;
    if (keep === undefined) return fields;
    const kept = keep.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]] as const);
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }

  #fill(draft: Draft, fields: Fields): void {
    if (this.#url !== undefined) draft.url = this.#url.fillIn(fields);
    if (this.#body !== undefined) draft.body = this.#body.fillIn(fields);
    if (this.#headers.length === 0) return;
    const own = draft.headers === undefined ? [] : headerPairs(draft.headers);
    const names = new Set(own.map(([name]) => name.toLowerCase()));
    const filled = this.#headers.filter(([name]) => !names.has(name.toLowerCase()));
    draft.headers = [...filled.map(([name, value]): [string, string] => [name, value.fillIn(fields)]), ...own];
  }
}

const checksumFields = new Set(['sha256', 'sha512', 'sha1', 'md5', 'checksum']);

/** Lists header fields as pairs. Their values are not checked: `parseRequest()` does that. */
export function headerPairs(headers: HeadersInput): readonly (readonly [name: string, value: string])[] {
  return (Symbol.iterator in headers ? [...headers] : Object.entries(headers)) as [string, string][];
}

/** Decides how fields are encoded in a body, by its content type or else its first character. */
function useOf(body: string, headers: Readonly<Record<string, string>>): TemplateUse {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (named !== undefined) return /json/i.test(named) ? 'json' : /x-www-form-urlencoded/i.test(named) ? 'form' : 'text';
  return /^\s*[[{"]/.test(body) ? 'json' : 'text';
}
