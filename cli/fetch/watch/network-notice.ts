import type { FetcherLoad } from '../../../src/scheduling/load.ts';
import { say } from '../../rows/say.ts';

/** Says when no host answers any more, and when requests go on. */
export class NetworkNotice {
  #isSilent = false;

  /** Looks whether that has changed. */
  look({ networkAskAt }: Pick<FetcherLoad, 'networkAskAt'>): void {
    const isSilent = networkAskAt !== undefined;
    if (isSilent === this.#isSilent) return;
    this.#isSilent = isSilent;
    say(isSilent ? 'no host responds any more: waiting for the network' : 'no longer waiting for the network');
  }
}
