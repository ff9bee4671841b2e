import type { RequestObject } from '../http/request.ts';

/**
 * Expands a URL with curl's globs, one request at a time: `[1-100]`, `[001-100]`, `[a-z:2]`, `{a,b}`, and named as in
 * `{<city>a,b}`. The chosen values are the request's `input`, by their names, or else by their numbers from 1. A
 * backslash before a bracket or a brace makes it part of the URL. Throws a `RangeError` for a glob that is not well formed.
 */
export function expandGlob(url: string): Generator<RequestObject, void, undefined> {
  return requestsOf(parse(url));
}

type Part = string | Choice;

interface Choice {
  readonly name: string;
  readonly count: number;
  readonly valueAt: (index: number) => string;
}

function* requestsOf(parts: readonly Part[]): Generator<RequestObject, void, undefined> {
  const choices = parts.filter((part) => typeof part !== 'string');
  if (choices.length === 0) {
    yield { url: parts.filter((part) => typeof part === 'string').join('') };
    return;
  }
  const indexes = choices.map(() => 0);
  do {
    const values = choices.map((choice, at) => choice.valueAt(indexes[at]!));
    let next = 0;
    const url = parts.map((part) => (typeof part === 'string' ? part : values[next++]!)).join('');
    yield { url, input: Object.fromEntries(choices.map(({ name }, at) => [name, values[at]!])) };
  } while (advance(indexes, choices));
}

/** Moves to the next combination: the last glob changes fastest. Returns false after the last one. */
function advance(indexes: number[], choices: readonly Choice[]): boolean {
  for (let at = indexes.length - 1; at >= 0; at -= 1) {
    indexes[at]! += 1;
    if (indexes[at]! < choices[at]!.count) return true;
    indexes[at] = 0;
  }
  return false;
}

function parse(url: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  let count = 0;
  for (let at = 0; at < url.length;) {
    const escaped = /^\\[[\]{}\\]/.exec(url.slice(at, at + 2));
    const address = /^\[[0-9a-f.]*:[0-9a-f:.]*\]/i.exec(url.slice(at));
    const glob = /^(?:\[[^\]]*\]|\{[^}]*\})/.exec(url.slice(at));
    if (escaped !== null) {
      text += url[at + 1]!;
      at += 2;
    } else if (address !== null) {
      text += address[0];
      at += address[0].length;
    } else if (glob !== null) {
      count += 1;
      parts.push(text, choiceOf(glob[0], String(count), url));
      text = '';
      at += glob[0].length;
    } else {
      if (/[[\]{}]/.test(url[at]!)) throw wrong(url[at]!, url);
      text += url[at]!;
      at += 1;
    }
  }
  parts.push(text);
  return parts.filter((part) => part !== '');
}

function choiceOf(glob: string, number: string, url: string): Choice {
  const [, name = number, inner = ''] = /^<([^<>]+)>([^]*)$/.exec(glob.slice(1, -1)) ?? [
    undefined,
    undefined,
    glob.slice(1, -1),
  ];
  if (glob.startsWith('{')) {
    const values = inner.split(',');
    return { name, count: values.length, valueAt: (index) => values[index]! };
  }
  const numbers = /^(\d{1,15})-(\d{1,15})(?::(\d{1,15}))?$/.exec(inner);
  const letters = /^([a-z])-([a-z])(?::(\d{1,15}))?$/i.exec(inner);
  const [, first = '', last = '', step = '1'] = numbers ?? letters ?? [];
  if (first === '') throw wrong(glob, url);
  const from = numbers === null ? first.charCodeAt(0) : Number(first);
  const to = numbers === null ? last.charCodeAt(0) : Number(last);
  if (from > to || Number(step) === 0) throw wrong(glob, url);
  const width = /^0\d/.test(first) ? first.length : 0;
  return {
    name,
    count: Math.floor((to - from) / Number(step)) + 1,
    valueAt(index) {
      const value = from + index * Number(step);
      return numbers === null ? String.fromCharCode(value) : String(value).padStart(width, '0');
    },
  };
}

function wrong(glob: string, url: string): RangeError {
  return new RangeError(`Cannot expand '${glob}' in ${url}: write [1-9], [a-z:2] or {a,b}, or put a \\ before it`);
}
