import { briefly, type DescribedFlag } from '../flags/flag-table.ts';
import { shellQuote } from '../flags/shell-quote.ts';
import type { Completed } from './completed.ts';

/** The script that makes zsh complete `fetchmany`, with what each word means; for a directory of its `fpath`, or to be sourced. */
export function zshCompletion(all: readonly Completed[]): string {
  return `#compdef fetchmany
# Completion of fetchmany for zsh, made by: fetchmany completion zsh

_fetchmany() {
  local command=fetch
  local -a commands
  commands=(
${all.map(({ name, what }) => `    ${shellQuote(`${name}:${what}`)}`).join('\n')}
  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  case $words[2] in
    ${all.map(({ name }) => name).join(' | ')})
      command=$words[2]
      shift words
      ((CURRENT--))
      ;;
  esac
  case $command in
${all.map(commandCase).join('\n')}
  esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _fetchmany "$@"
else
  compdef _fetchmany fetchmany
fi
`;
}

function commandCase({ name, flags, words }: Completed): string {
  const specs = Object.entries(flags).flatMap(([flagName, flag]) => flagSpecs(flagName, flag));
  if (words !== undefined) specs.push(words === 'files' ? '*:file:_files' : `*:word:(${words.join(' ')})`);
  return `    ${name})
      _arguments -s -S \\
${specs.map((spec) => `        ${shellQuote(spec)}`).join(' \\\n')}
      ;;`;
}

/** May be given again: which of two counts is not for a shell to say. */
function flagSpecs(name: string, flag: DescribedFlag): string[] {
  const means = `[${escaped(briefly(flag), /[\\[\]]/g)}]`;
  if (flag.value === undefined) {
    return [...(flag.short === undefined ? [] : [`*-${flag.short}${means}`]), `*--${name}${means}`];
  }
  const value = `:${escaped(flag.value, /[\\:]/g)}:${action(flag)}`;
  const short = flag.short === undefined ? [] : [`*-${flag.short}+${means}${value}`];
  return [...short, `*--${name}=${means}${value}`];
}

function action({ value, words }: DescribedFlag): string {
  if (words === undefined) return value === 'FILE' ? '_files' : ' ';
  const entries = Object.entries(words).map(([word, what]) => String.raw`${word}\:${escaped(what, /[\\ :()'"]/g)}`);
  return `((${entries.join(' ')}))`;
}

function escaped(text: string, special: RegExp): string {
  return text.replaceAll(special, String.raw`\$&`);
}
