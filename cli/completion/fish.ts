import { briefly, type DescribedFlag } from '../flags/flag-table.ts';
import type { Completed } from './completed.ts';

/** The script that makes fish complete `fetchmany`, with what each word means. */
export function fishCompletion(all: readonly Completed[]): string {
  return `# Completion of fetchmany for fish, made by: fetchmany completion fish

function __fetchmany_command
    set -l words (commandline -opc)
    if set -q words[2]; and contains -- $words[2] ${all.map(({ name }) => name).join(' ')}
        echo $words[2]
    else
        echo fetch
    end
end

complete -c fetchmany -f
${all.map(commandLines).join('')}`;
}

function commandLines({ name, what, flags, words }: Completed): string {
  const during = `complete -c fetchmany -n 'test (__fetchmany_command) = ${name}'`;
  const lines = [
    `complete -c fetchmany -n 'test (count (commandline -opc)) -eq 1' -a ${name} -d ${quote(what)}`,
    ...Object.entries(flags).map(([flagName, flag]) => `${during} ${flagArguments(flagName, flag)}`),
  ];
  if (words === 'files') lines.push(`${during} -F`);
  else if (words) lines.push(`${during} -a ${quote(words.join(' '))}`);
  return lines.map((line) => `${line}\n`).join('');
}

function flagArguments(name: string, flag: DescribedFlag): string {
  const short = flag.short === undefined ? '' : ` -s ${flag.short}`;
  return `-l ${name}${short}${valueArguments(flag)} -d ${quote(briefly(flag))}`;
}

function valueArguments({ value, words }: DescribedFlag): string {
  if (value === undefined) return '';
  if (words === undefined) return value === 'FILE' ? ' -r -F' : ' -x';
  // What is quoted here fish takes apart once more, as it would a command line.
  const entries = Object.entries(words).map(([word, what]) => String.raw`${word}\t${quote(what)}`);
  return ` -x -a ${quote(entries.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
