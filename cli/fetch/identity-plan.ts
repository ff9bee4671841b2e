import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AuthOptions } from '../../src/fetcher/auth-options.ts';
import { parseHeaders } from '../../src/http/headers.ts';
import { parseNetrc } from '../../src/http/netrc.ts';
import { originOf } from '../../src/http/origin.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { withoutUndefined } from '../flags/given.ts';
import type { Flags } from '../flags/flags.ts';
import { readValue } from '../flags/flags.ts';
import { readFile } from '../flags/read-file.ts';
import type { Unit } from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import type { FetchFlag } from './fetch-flags.ts';

type IdentityFlags = Flags<Extract<FetchFlag, 'user' | 'bearer' | 'auth-for' | 'netrc' | 'netrc-file' | 'cookie'>>;

/**
 * Reads the flags that tell who asks; undefined if there are none. Throws a {@link UsageError}, or an `InputError` for a
 * file. No message shows a value: it may be a secret.
 */
export function readIdentity(flags: IdentityFlags): AuthOptions | undefined {
  const user = readUser(flags.all('user').at(-1));
  const bearer = readBearer(flags.all('bearer').at(-1));
  const cookie = readCookie(flags.all('cookie'));
  if (user !== undefined && bearer !== undefined) throw new UsageError('-u and --bearer cannot be combined');
  const origins = flags.all('auth-for').map((text) => readValue('--auth-for', text, origin));
  const hasOwn = (user ?? bearer ?? cookie) !== undefined;
  if (origins.length > 0 && !hasOwn) throw new UsageError('--auth-for needs -u, --bearer or -b');
  const netrc = readNetrc(flags);
  if (!hasOwn && netrc === undefined) return undefined;
  return withoutUndefined({ ...user, bearer, cookie, netrc, origins: origins.length > 0 ? origins : undefined });
}

const origin: Unit<string> = {
  parse: (text) => originOf(text),
  wanted: 'an origin: scheme, host and port',
  example: 'https://api.example.com',
};

function readUser(text: string | undefined): Pick<AuthOptions, 'user' | 'password'> | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  if (colon > 0) return { user: text.slice(0, colon), password: text.slice(colon + 1) };
  throw new UsageError(
    '-u must be a name, a colon and a password, such as -u me:secret; --netrc-file keeps it out of ps',
  );
}

function readBearer(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const token = (text.startsWith('@') ? readFile(text.slice(1)).toString() : text).trim();
  if (/^bearer\s/i.test(token)) throw new UsageError("--bearer takes the token alone: leave out 'Bearer' before it");
  return checked('--bearer', 'a token, or @ and the name of a file that holds one', token);
}

/** Several are joined. A value without an equals sign would be a file in curl. */
function readCookie(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined;
  if (texts.every((text) => /^[^=;]+=/.test(text))) return checked('-b', cookieWanted, texts.join('; '));
  throw new UsageError(`-b must be ${cookieWanted}; --cookie-jar FILE reads cookies from a file`);
}

const cookieWanted = 'a name, an equals sign and a value, such as -b session=abc';

function checked(flag: string, wanted: string, text: string): string {
  try {
    if (text !== '') return parseHeaders([['x', text]])[1]!;
  } catch {
    // The same message as for an empty text.
  }
  throw new UsageError(`${flag} must be ${wanted}`);
}

function readNetrc(flags: IdentityFlags): string | undefined {
  const given = flags.all('netrc-file').at(-1);
  if (given === undefined && !flags.has('netrc')) return undefined;
  const path = given ?? netrcPath(process.env);
  const text = readFile(path).toString();
  try {
    parseNetrc(text);
  } catch (cause) {
    throw new InputError(path, `it is not a netrc file: ${(cause as Error).message}`, { cause });
  }
  return text;
}

/** Where curl looks: on Windows, `_netrc` too. */
function netrcPath(env: Readonly<Record<string, string | undefined>>): string {
  const { NETRC: named } = env;
  if (named !== undefined && named !== '') return named;
  const usual = join(homedir(), '.netrc');
  const other = join(homedir(), '_netrc');
  return process.platform === 'win32' && !existsSync(usual) && existsSync(other) ? other : usual;
}
