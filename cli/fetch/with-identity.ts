import type { AuthOptions } from '../../src/fetcher/auth-options.ts';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import type { CookieJar } from '../../src/http/cookie-jar.ts';
import { parseRequest, type RequestInput } from '../../src/http/request.ts';
import type { Resumption } from '../../src/journal/resumption.ts';
import { printable } from '../../src/text/printable.ts';
import { say } from '../rows/say.ts';
import type { FetchPlan } from './fetch-plan.ts';

/** The origin of the first request of a list, once it is known. */
export interface FirstOrigin {
  origin?: string;
}

/** Notes the first request of the whole list: a resumed run begins with another one, perhaps of another host. */
export function pendingOf(resumption: Resumption, first: FirstOrigin): (request: RequestInput) => boolean {
  return (request) => {
    if (first.origin === undefined) {
      const parsed = parseRequest(request, []);
      if (!('error' in parsed)) first.origin = parsed.origin;
    }
    return resumption.isPending(request);
  };
}

/** Adds the cookies, whom the credentials are for, and a warning about the first origin that does not get them. */
export function withIdentity(
  { fetcher, isQuiet }: FetchPlan,
  cookies: CookieJar | undefined,
  first: FirstOrigin = {},
): FetcherOptions {
  const { auth } = fetcher;
  if (auth === undefined || auth.origins !== undefined) return { ...fetcher, ...(cookies && { cookies }) };
  const onOtherOrigin = (origin: string): void => {
    if (!isQuiet) warnAboutOrigin(auth, printable(origin));
  };
  return { ...fetcher, auth: { ...auth, origins: () => first.origin, onOtherOrigin }, ...(cookies && { cookies }) };
}

function warnAboutOrigin({ user, bearer, cookie }: AuthOptions, origin: string): void {
  const given = [user !== undefined && '-u', bearer !== undefined && '--bearer', cookie !== undefined && '-b'];
  const flags = given.filter((flag) => flag !== false);
  if (flags.length === 0) return;
  const [are, go] = flags.length === 1 ? ['is', 'it goes'] : ['are', 'they go'];
  say(
    `WARNING: ${flags.join(' and ')} ${are} not sent to ${origin}: ${go} only to the origin of the first request, or to those named by --auth-for`,
  );
}
