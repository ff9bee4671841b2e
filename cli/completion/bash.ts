import type { DescribedFlag, DescribedFlags } from '../flags/flag-table.ts';
import type { Completed } from './completed.ts';

/** The script that makes bash complete `fetchmany`; it needs no bash-completion, and does also for the bash of macOS. */
export function bashCompletion(all: readonly Completed[]): string {
  const names = all.map(({ name }) => name);
  return `# Completion of fetchmany for bash, made by: fetchmany completion bash

_fetchmany() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=fetch
  COMPREPLY=()
  # To bash, --flag=value is three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]] && ((COMP_CWORD > 1)); then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD > 1)); then
    case \${COMP_WORDS[1]} in
      ${names.join(' | ')}) command=\${COMP_WORDS[1]} ;;
    esac
  fi
  case $command in
${all
  .map(commandCase)
  .filter((lines) => lines !== '')
  .join('\n')}
  esac
  if ((COMP_CWORD == 1)); then
    _fetchmany_words '${names.join(' ')}'
  else
    _fetchmany_nothing
  fi
}

_fetchmany_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  _fetchmany_nothing
}

# Files are what is completed by default. A bash that is too old for compopt offers them everywhere.
_fetchmany_nothing() {
  compopt +o default 2>/dev/null
}

complete -o default -F _fetchmany fetchmany
`;
}

function commandCase({ name, flags, words }: Completed): string {
  const lines = [...valueCases(flags), ...flagsCase(flags), ...wordsCase(words)];
  return lines.length === 0 ? '' : [`    ${name})`, ...lines, '      ;;'].join('\n');
}

/** What stands behind a flag that takes a value. */
function valueCases(flags: DescribedFlags): string[] {
  const files: string[] = [];
  const unknown: string[] = [];
  const cases: string[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.value === undefined) continue;
    const spellings = spellingsOf(name, flag);
    if (flag.words) cases.push(valueCase(spellings, `_fetchmany_words '${Object.keys(flag.words).join(' ')}'; `));
    else (flag.value === 'FILE' ? files : unknown).push(...spellings);
  }
  if (files.length > 0) cases.push(valueCase(files, ''));
  if (unknown.length > 0) cases.push(valueCase(unknown, '_fetchmany_nothing; '));
  return cases.length === 0 ? [] : ['      case $prev in', ...cases, '      esac'];
}

function valueCase(spellings: readonly string[], action: string): string {
  return `        ${spellings.join(' | ')}) ${action}return ;;`;
}

function flagsCase(flags: DescribedFlags): string[] {
  const spellings = Object.entries(flags).flatMap(([name, flag]) => spellingsOf(name, flag));
  if (spellings.length === 0) return [];
  return [`      [[ $cur == -* ]] && { _fetchmany_words '${spellings.join(' ')}'; return; }`];
}

function wordsCase(words: Completed['words']): string[] {
  if (words === undefined) return [];
  return words === 'files' ? ['      return'] : [`      _fetchmany_words '${words.join(' ')}'; return`];
}

function spellingsOf(name: string, { short }: DescribedFlag): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}
