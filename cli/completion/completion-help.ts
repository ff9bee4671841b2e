import type { Help } from '../flags/render-help.ts';
import { completionFlags } from './completion-flags.ts';

/** The help of `fetchmany completion`. */
export const completionHelp: Help = {
  usage: ['fetchmany completion bash | zsh | fish'],
  intro: 'Print a script that lets your shell complete commands, options, option values and file names.',
  flags: completionFlags,
  notes: [
    [
      'To install',
      'bash  fetchmany completion bash > ~/.local/share/bash-completion/completions/fetchmany',
      'zsh   fetchmany completion zsh > "${fpath[1]}/_fetchmany"',
      'fish  fetchmany completion fish > ~/.config/fish/completions/fetchmany.fish',
    ],
  ],
};
