import { shownAddress } from '../../src/distributed/redis/shown-address.ts';
import { hidePassword } from '../../src/http/request.ts';
import { widthOf } from '../../src/text/width.ts';
import { fetchFlags } from './fetch-flags.ts';
import { shellQuote } from '../flags/shell-quote.ts';
import { expandFlags } from '../flags/expand-flags.ts';

/**
 * Returns the command that continues a run, to be copied. Hides possible secrets as `***`: the terminal may be a public
 * log.
 *
 * @param width columns of the terminal: longer commands are broken between words
 */
export function resumeCommand(program: string, argv: readonly string[], width: number = Infinity): string {
  const { flags, words } = expandFlags(argv, fetchFlags);
  const kept = flags.filter((flag) => flag !== '--overwrite' && flag !== '--resume').map(withoutSecret);
  const urls = words.map(hidePassword);
  const isFlagLike = urls.some((url) => url.startsWith('-') && url !== '-');
  return fitted([program, ...[...kept, '--resume', ...(isFlagLike ? ['--'] : []), ...urls].map(shellQuote)], width);
}

/** Tells, for the words in front of the command, which list has to be given again; empty if it lies in a file. */
export function listAgain(command: string, readsStdin: boolean): string {
  if (readsStdin) return ', with the same list on standard input';
  // The name that a shell gives to the output of a program, as in -i <(program), is gone with it.
  const pipe = /\/dev\/fd\/\d+/.exec(command)?.[0];
  return pipe === undefined ? '' : `, with the same list in place of ${pipe}`;
}

/** Joins words, with a backslash where a line ends: a terminal that breaks a line within a word spoils the copy. */
function fitted(words: readonly string[], width: number): string {
  let command = '';
  let column = 0;
  for (const [at, word] of words.entries()) {
    // The last column is for the backslash, and the blank before it.
    const isTooLong = at > 0 && column + 1 + widthOf(word) > width - 2;
    const separator = at === 0 ? '' : isTooLong ? ` \\\n${continued}` : ' ';
    column = (isTooLong ? continued.length : column + separator.length) + widthOf(word);
    command += separator + word;
  }
  return command;
}

const continued = '  ';

/** The placeholder for a hidden secret. */
export const secret = '***';

function withoutSecret(flag: string): string {
  const body = /^--(data|body-template)=(?!@)/.exec(flag)?.[1];
  if (body !== undefined) return `--${body}=${secret}`;
  if (flag.startsWith('--queue=')) return shownAddress(flag);
  const identity = /^--(user|bearer|cookie)=(?!@)/.exec(flag)?.[1];
  if (identity !== undefined) return `--${identity}=${secret}`;
  const proxy = /^--proxy=(.*)$/s.exec(flag)?.[1];
  if (proxy !== undefined) return `--proxy=${hidePassword(proxy)}`;
  const header = /^--header=([^:]*):/.exec(flag);
  return header && isSecretHeader(header[1]!) ? `--header=${header[1]}: ${secret}` : flag;
}

/** Tells whether the value of a header may be a secret. */
export function isSecretHeader(name: string): boolean {
  return !harmless.test(name);
}

const harmless = /^\s*(accept(-\w+)*|cache-control|content-type|if-[\w-]+|pragma|range|user-agent)\s*$/i;
