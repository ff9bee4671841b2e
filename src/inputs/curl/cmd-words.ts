import { FetchError } from '../../http/error.ts';
import type { Command } from './command.ts';

/** Recognizes a command for the Windows command prompt, mostly by its first argument. */
export function isCmd(script: string): boolean {
  const first = /^[ \t]*curl(?:\.exe)?[ \t]+(\S+)/im.exec(script)?.[1] ?? '';
  if (/^\$?'/.test(first)) return false;
  return /^[^'\n]*\^"/m.test(script) || /\^[ \t]*\r?$/m.test(script) || /^[ \t]*curl\.exe[ \t]/im.test(script);
}

/**
 * Splits a script for cmd into commands and words: `^` escapes the next character outside quotes, `^` at the end of a line
 * joins it with the next, and arguments are split as Windows programs split them.
 */
export function* cmdCommands(script: string): Generator<Command, void, undefined> {
  let line = 1;
  for (const { text, lines } of splitCommands(script)) {
    const leading = /^\s*/.exec(text)![0];
    const words = argumentsOf(text);
    if (words !== undefined && words.length > 0) {
      yield { words, line: line + leading.split('\n').length - 1, error: undefined };
    } else if (words === undefined) {
      const error = new FetchError('REQUEST_INVALID', 'Command has a quotation mark that is not closed');
      yield { words: text.trim().split(/\s+/), line, error };
    }
    line += lines;
  }
}

/** Splits a script into command lines, and removes the escapes of cmd. */
function* splitCommands(script: string): Generator<{ readonly text: string; readonly lines: number }, void, undefined> {
  let text = '';
  let lines = 0;
  let isQuoted = false;
  for (let at = 0; at < script.length; at += 1) {
    const character = script[at]!;
    if (character === '\n') lines += 1;
    if (character === '^' && !isQuoted) {
      const end = /^\r?\n/.exec(script.slice(at + 1, at + 3))?.[0] ?? '';
      at += end.length;
      if (end !== '') lines += 1;
      at += 1;
      // An escaped line break joins two lines; a second one right after it is text.
      const next = end !== '' && script[at] === '\r' && script[at + 1] === '\n' ? '\n' : (script[at] ?? '');
      if (next === '\n') lines += 1;
      if (script[at] === '\r' && next === '\n') at += 1;
      text += next;
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    if (character === '\n' || (!isQuoted && /[&|]/.test(character))) {
      yield { text, lines };
      text = '';
      lines = 0;
      isQuoted = false;
      continue;
    }
    text += character;
  }
  yield { text, lines };
}

/** Splits a command line as the C runtime of Windows does; `undefined` if a quotation mark is not closed. */
function argumentsOf(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at]!;
    const slashes = /^\\*/.exec(line.slice(at))![0].length;
    if (slashes > 0) {
      const isBeforeQuote = line[at + slashes] === '"';
      word = (word ?? '') + '\\'.repeat(isBeforeQuote ? Math.trunc(slashes / 2) : slashes);
      at += slashes - 1;
      if (!isBeforeQuote) continue;
      at += 1;
      if (slashes % 2 === 1) word += '"';
      else isQuoted = !isQuoted;
    } else if (character === '"' && isQuoted && line[at + 1] === '"') {
      word = `${word ?? ''}"`;
      at += 1;
    } else if (character === '"') {
      isQuoted = !isQuoted;
      word ??= '';
    } else if (!isQuoted && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return isQuoted ? undefined : words;
}
