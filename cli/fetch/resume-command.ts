import { hidePassword } from '../../src/http/request.ts';
import { fetchFlags } from './fetch-flags.ts';
import { shellQuote } from '../flags/shell-quote.ts';
import { expandFlags } from '../flags/spell-out.ts';

/**
 * The command that goes on with what another one left, to be copied. What may be a secret stands as `***`: the terminal
 * may be a log that others read.
 */
export function resumeCommand(program: string, argv: readonly string[]): string {
  const { flags, words } = expandFlags(argv, fetchFlags);
  const kept = flags.filter((flag) => flag !== '--overwrite' && flag !== '--resume').map(withoutSecret);
  const urls = words.map(hidePassword);
  const isFlagLike = urls.some((url) => url.startsWith('-') && url !== '-');
  return [program, ...[...kept, '--resume', ...(isFlagLike ? ['--'] : []), ...urls].map(shellQuote)].join(' ');
}

/** Stands for what is not shown. */
export const secret = '***';

function withoutSecret(flag: string): string {
  if (flag.startsWith('--data=') && !flag.startsWith('--data=@')) return `--data=${secret}`;
  const header = /^--header=([^:]*):/.exec(flag);
  return header && !harmless.test(header[1]!) ? `--header=${header[1]}: ${secret}` : flag;
}

const harmless = /^\s*(accept(-\w+)*|cache-control|content-type|if-[\w-]+|pragma|range|user-agent)\s*$/i;
