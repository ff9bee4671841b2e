import { secret } from './resume-command.ts';
import { UsageError } from '../flags/usage-error.ts';

/**
 * Refuses a copied command whose secrets are still hidden: `***` would be sent in their place, and the responses
 * recorded. Throws a {@link UsageError}.
 */
export function refusePlaceholders(given: {
  readonly data: readonly string[];
  readonly headers: readonly string[];
  /** Flags whose values are secrets, with them. */
  readonly secrets?: readonly (readonly [flag: string, values: readonly string[]])[];
  readonly urls: readonly string[];
}): void {
  if (given.data.includes(secret)) refuse('--data');
  if (given.headers.some((header) => header.slice(header.indexOf(':') + 1).trim() === secret)) refuse('--header');
  for (const [flag, values] of given.secrets ?? []) if (values.some(isHidden)) refuse(`--${flag}`);
  if (given.urls.some(hidesPassword)) refuse('the password of a URL');
}

function isHidden(value: string): boolean {
  return value === secret || value.endsWith(`:${secret}`);
}

/** Looks at the scheme and the authority only: a path may have `***@` in it. */
function hidesPassword(url: string): boolean {
  return /^[^/\\?#]*[/\\]*[^/\\?#]*/.exec(url)![0].includes(`${secret}@`);
}

function refuse(what: string): never {
  throw new UsageError(`${what} still contains the placeholder ${secret}: replace it with the original value`);
}
