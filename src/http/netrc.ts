/** The credentials of one host. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The entries of a netrc file. */
export interface Netrc {
  /** Host names in lower case, with their credentials in the order of the file. */
  readonly machines: ReadonlyMap<string, readonly Login[]>;
  /** The entries `default`, for hosts without one of their own. */
  readonly byDefault: readonly Login[];
}

/**
 * Reads the text of a netrc file, as curl does: `machine`, `default`, `login`, `password`, `account` and `macdef`; quotes
 * around a value, with `\"`, `\n`, `\r` and `\t` in it; lines that begin with `#` are comments. Throws a `SyntaxError` that names the line, and never shows what it says.
 */
export function parseNetrc(text: string): Netrc {
  const machines = new Map<string, Login[]>();
  const byDefault: Login[] = [];
  let entry: Draft | undefined;
  const words = wordsOf(text);

  function finish(): void {
    if (entry === undefined || (entry.user ?? entry.password) === undefined) return;
    const login = { user: entry.user ?? '', password: entry.password ?? '' };
    if (entry.machine === undefined) byDefault.push(login);
    else if (!machines.get(entry.machine)?.push(login)) machines.set(entry.machine, [login]);
  }

  function valueAfter(word: Word): string {
    const value = words.next().value;
    if (value === undefined) throw fault(word.line, 'a word without its value');
    return value.text;
  }

  for (let word = words.next().value; word !== undefined; word = words.next().value) {
    switch (word.text) {
      case 'machine':
        finish();
        entry = { machine: hostName(valueAfter(word)) };
        break;
      case 'default':
        finish();
        entry = { machine: undefined };
        break;
      case 'login':
      case 'password':
      case 'account': {
        if (entry === undefined) throw fault(word.line, `"${word.text}" before any "machine"`);
        const value = valueAfter(word);
        if (word.text !== 'account') entry[word.text === 'login' ? 'user' : 'password'] = value;
        break;
      }
      default:
        throw fault(word.line, 'a word that is neither machine, default, login, password, account nor macdef');
    }
  }
  finish();
  return { machines, byDefault };
}

/** Whose credentials {@link loginOf} looks for. */
export interface LoginSearch {
  readonly host: string;
  /** False if only an entry of the host's own counts. */
  readonly mayBeDefault: boolean;
  /** The user; undefined for any. */
  readonly user?: string | undefined;
}

/** Returns the first credentials of a host, or of a user there; undefined if there are none. */
export function loginOf({ machines, byDefault }: Netrc, { host, mayBeDefault, user }: LoginSearch): Login | undefined {
  const logins = [...(machines.get(hostName(host)) ?? []), ...(mayBeDefault ? byDefault : [])];
  return logins.find((login) => user === undefined || login.user === user);
}

interface Draft {
  readonly machine: string | undefined;
  user?: string;
  password?: string;
}

interface Word {
  readonly text: string;
  readonly line: number;
}

function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function fault(line: number, what: string): SyntaxError {
  return new SyntaxError(`line ${line} has ${what}`);
}

/** Yields the words of a file. A macro (`macdef`) ends at a blank line, and is left out. */
function* wordsOf(text: string): Generator<Word, undefined> {
  let isMacro = false;
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (isMacro) {
      isMacro = line.trim() !== '';
      continue;
    }
    if (/^\s*#/.test(line)) continue;
    for (const word of wordsOfLine(line, at + 1)) {
      isMacro = word.text === 'macdef' && !word.isQuoted;
      if (isMacro) break;
      yield word;
    }
  }
  return undefined;
}

function* wordsOfLine(line: string, number: number): Generator<Word & { readonly isQuoted: boolean }, void> {
  // Each match begins where the last one ended, so that a quote without its end is not skipped.
  const word = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|([^\s"]\S*))/y;
  const end = line.trimEnd().length;
  while (word.lastIndex < end) {
    const match = word.exec(line);
    if (!match) throw fault(number, 'a quote without its end');
    const [, quoted, plain] = match;
    yield { text: plain ?? unescaped(quoted!), line: number, isQuoted: plain === undefined };
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => escapes.get(character) ?? character);
}

const escapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
