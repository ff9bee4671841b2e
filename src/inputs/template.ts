import { FetchError } from '../http/error.ts';
import { ColumnError } from './column-error.ts';
import { fieldText } from '../text/field-text.ts';

/** Columns of one row, or fields of one object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Use of a filled template. It decides how `{column}` is encoded; `{+column}` is never encoded. */
export type TemplateUse = 'url' | 'json' | 'form' | 'text';

/** A text with placeholders: `{column}` is encoded for its use, `{+column}` is inserted as it is. */
export class Template {
  readonly #parts: readonly Part[];
  readonly #use: TemplateUse;

  /**
   * @param columns names that may stand between braces; braces around anything else are text
   * @throws a {@link ColumnError} for a placeholder that is not a column
   */
  constructor(text: string, use: TemplateUse, columns: readonly string[]) {
    this.#parts = parse(text, new Set(columns), columns);
    this.#use = use;
  }

  /** Tells whether the template contains a column. */
  uses(column: string): boolean {
    return this.#parts.some((part) => typeof part !== 'string' && part.column === column);
  }

  /** Inserts the fields. Throws a `FetchError` where a field is missing, or is empty in the path of a URL. */
  fillIn(fields: Fields): string {
    let filled = '';
    for (const part of this.#parts) {
      filled += typeof part === 'string' ? part : this.#insert(part, fields, filled);
    }
    return filled;
  }

  #insert({ column, isRaw }: Placeholder, fields: Fields, before: string): string {
    if (!Object.hasOwn(fields, column)) throw invalid(`there is no field '${column}' in this entry`);
    const value = fields[column];
    const text = fieldText(value);
    const isInPath = this.#use === 'url' && !/[?#]/.test(before);
    if (isInPath && text === '') throw invalid(`the field '${column}' is empty, but is part of the URL path`);
    // A URL parser resolves dot segments, and the request would go to another path.
    if (isInPath && (text === '.' || text === '..')) throw invalid(`the field '${column}' is a dot segment`);
    return isRaw ? text : encode(text, this.#use, typeof value === 'string');
  }
}

interface Placeholder {
  readonly column: string;
  readonly isRaw: boolean;
}

type Part = string | Placeholder;

function parse(text: string, known: ReadonlySet<string>, columns: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  let literal = 0;
  for (const match of text.matchAll(/\{(\+?)([^{}]*)\}/g)) {
    const [all, plus, column = ''] = match;
    if (!known.has(column)) {
      if (looksLikeColumn.test(column))
        throw new ColumnError(`Template contains {${column}}, which is not a column${plainListHint(columns)}`, columns);
      continue;
    }
    parts.push(text.slice(literal, match.index), { column, isRaw: plus === '+' });
    literal = match.index + all.length;
  }
  parts.push(text.slice(literal));
  return parts.filter((part) => part !== '');
}

/** A table in a file without an extension is read as a plain list. */
function plainListHint(columns: readonly string[]): string {
  return columns.length === 1 && columns[0] === 'value'
    ? '; {value} is the whole line of a plain list, and --input-format csv reads a table'
    : '';
}

/** Distinguishes a misspelt placeholder from the braces of a JSON body, such as `{"a":1}` or `{}`. */
const looksLikeColumn = /^[\p{L}\p{N}_](?:[\p{L}\p{N}_ .-]*[\p{L}\p{N}_])?$/u;

function encode(text: string, use: TemplateUse, isString: boolean): string {
  switch (use) {
    case 'url':
      return encodeURIComponent(text.toWellFormed());
    case 'form':
      return new URLSearchParams([['', text]]).toString().slice(1);
    case 'json':
      return isString ? JSON.stringify(text).slice(1, -1) : text;
    case 'text':
      return text;
    default:
      return use satisfies never;
  }
}

function invalid(reason: string): FetchError {
  return new FetchError('REQUEST_INVALID', `Template cannot be filled in: ${reason}`);
}
