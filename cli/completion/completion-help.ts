import { renderHelp } from '../flags/render-help.ts';
import { completionFlags } from './completion-flags.ts';

/** What `fetchmany completion --help` prints. */
export function completionHelp(): string {
  return renderHelp({
    usage: ['fetchmany completion bash | zsh | fish'],
    intro: 'Prints a script that makes a shell complete commands, options, their values and files at the Tab key.',
    flags: completionFlags,
    notes: [
      [
        'To install',
        'bash  fetchmany completion bash > ~/.local/share/bash-completion/completions/fetchmany',
        'zsh   fetchmany completion zsh > "${fpath[1]}/_fetchmany"',
        'fish  fetchmany completion fish > ~/.config/fish/completions/fetchmany.fish',
      ],
    ],
  });
}
