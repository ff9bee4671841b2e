import { FetchError } from '../../http/error.ts';
import type { Command } from './command.ts';

/** Splits a POSIX shell script into commands and words. A command with an expansion is an error. */
export function* bashCommands(script: string): Generator<Command, void, undefined> {
  const scanner = new BashScanner(script);
  for (let command = scanner.next(); command !== undefined; command = scanner.next()) yield command;
}

class BashScanner {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #countedTo = 0;
  #words: string[] = [];
  #word: string | undefined;
  #error: FetchError | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads the next command that is not empty. */
  next(): Command | undefined {
    this.#words = [];
    this.#error = undefined;
    while (this.#words.length === 0) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return undefined;
      const line = this.#lineAt(this.#at);
      while (this.#at < this.#text.length && this.#step());
      this.#endWord();
      if (this.#words.length > 0) return { words: this.#words, line, error: this.#error };
    }
    return undefined;
  }

  /** Reads one character or one quoted text. Returns false at the end of the command. */
  #step(): boolean {
    const rest = this.#text;
    const at = this.#at;
    const character = rest[at]!;
    this.#at += 1;
    switch (character) {
      case ' ':
      case '\t':
      case '\r':
        this.#endWord();
        return true;
      case '\n':
      case ';':
      case '&':
      case '|':
        return this.#endCommand(character);
      case '#':
        if (this.#word === undefined) this.#at = indexOrEnd(rest, '\n', at);
        else this.#word += '#';
        return true;
      case '\\':
        this.#escaped();
        return true;
      case "'":
        this.#add(this.#until("'"));
        return true;
      case '"':
        this.#doubleQuoted();
        return true;
      case '$':
        this.#dollar();
        return true;
      case '`':
      case '<':
      case '>':
      case '(':
      case ')':
        this.#fail(`Command contains '${character}', which needs a shell`);
        return true;
      default:
        plain.lastIndex = at;
        this.#add(plain.exec(rest)![0]);
        this.#at = plain.lastIndex;
        return true;
    }
  }

  #endCommand(character: string): boolean {
    this.#endWord();
    if (character === '|' && this.#text[this.#at] !== '|') this.#fail('Command is part of a pipe');
    return false;
  }

  #escaped(): void {
    const next = this.#text[this.#at] ?? '';
    const isContinued = next === '\n' || (next === '\r' && this.#text[this.#at + 1] === '\n');
    if (isContinued) this.#at += next === '\r' ? 2 : 1;
    else {
      this.#add(next);
      this.#at += 1;
    }
  }

  #doubleQuoted(): void {
    this.#add('');
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      this.#at += 1;
      if (character === '"') return;
      if (character === '$' && /[\w{(*@#?!$-]/.test(this.#text[this.#at] ?? '')) this.#dollar();
      else if (character === '`') this.#fail('Command contains `, which needs a shell');
      else if (character === '\\') this.#escapedInQuotes();
      else this.#add(character);
    }
    this.#fail('Command has a quotation mark that is not closed');
  }

  #escapedInQuotes(): void {
    const next = this.#text[this.#at] ?? '';
    if ('$`"\\'.includes(next)) this.#add(next);
    else if (next !== '\n') this.#add(`\\${next}`);
    this.#at += 1;
  }

  #dollar(): void {
    if (this.#text[this.#at] === "'") {
      this.#at += 1;
      return this.#ansiQuoted();
    }
    const name = /^\{?[\w*@#?!$-]+\}?|^\(/.exec(this.#text.slice(this.#at, this.#at + 100))?.[0];
    if (name === undefined) return this.#add('$');
    this.#fail(`Command contains the variable $${name}; variables are not expanded`);
    this.#at += name.length;
  }

  /** Reads ANSI-C quoting: `$'...'`. */
  #ansiQuoted(): void {
    let text = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at]!;
      this.#at += 1;
      if (character === "'") return this.#add(text);
      if (character !== '\\') {
        text += character;
        continue;
      }
      const [all, replacement] = ansiEscape(this.#text, this.#at);
      text += replacement;
      this.#at += all.length;
    }
    this.#fail('Command has a quotation mark that is not closed');
  }

  #until(mark: string): string {
    const start = this.#at;
    const end = this.#text.indexOf(mark, start);
    this.#at = end < 0 ? this.#text.length : end + 1;
    if (end < 0) this.#fail('Command has a quotation mark that is not closed');
    return this.#text.slice(start, end < 0 ? undefined : end);
  }

  #add(text: string): void {
    this.#word = (this.#word ?? '') + text;
  }

  #endWord(): void {
    if (this.#word !== undefined) this.#words.push(this.#word);
    this.#word = undefined;
  }

  #fail(reason: string): void {
    this.#error ??= new FetchError('REQUEST_INVALID', reason);
    this.#add('');
  }

  #skipBlank(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #lineAt(at: number): number {
    for (; this.#countedTo < at; this.#countedTo += 1) if (this.#text[this.#countedTo] === '\n') this.#line += 1;
    return this.#line;
  }
}

/** Characters without a meaning of their own outside quotes. */
const plain = /[^ \t\r\n;&|#\\'"$`<>()]+/y;

/** Reads one escape of `$'...'` at a position, after its backslash. Returns its text and its meaning. */
function ansiEscape(script: string, at: number): readonly [all: string, replacement: string] {
  const code = matchAt(/(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/y, script, at);
  if (code !== null) return [code[0], characterOf(Number.parseInt(code[1] ?? code[2]!, 16))];
  // Several bytes may form one character in UTF-8.
  const bytes = matchAt(/(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3})(?:\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}))*/y, script, at)?.[0];
  if (bytes !== undefined) return [bytes, Buffer.from(bytes.split('\\').map(byteOf)).toString()];
  const letter = script[at] ?? '';
  return [letter, letters.get(letter) ?? `\\${letter}`];
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function characterOf(point: number): string {
  return point <= 0x10_ffff ? String.fromCodePoint(point) : '\ufffd';
}

function byteOf(escape: string): number {
  return (escape.startsWith('x') ? Number.parseInt(escape.slice(1), 16) : Number.parseInt(escape, 8)) & 0xff;
}

const letters = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['e', '\u001b'],
  ['E', '\u001b'],
  ['f', '\f'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['?', '?'],
]);

function indexOrEnd(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at;
}
