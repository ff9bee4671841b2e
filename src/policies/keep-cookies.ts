import type { Call } from '../call/call.ts';
import { afterOwnStep, ownStep } from '../call/own-step.ts';
import type { Outcome } from '../call/outcome.ts';
import { onOutcome, type Policy } from '../call/send.ts';
import type { CookieJar } from '../http/cookie-jar.ts';
import { parseHeaders } from '../http/headers.ts';
import type { FetchRequest } from '../http/request.ts';
import { withHeader } from '../http/with-headers.ts';

/** Sends the cookies of a jar, and puts those of each response into it, hop by hop. */
export const keepCookies = (jar: CookieJar): Policy => {
  const receive = onOutcome((outcome, request, call) => storing(jar, outcome, request, call));
  return (send) => {
    const sendAndReceive = receive(send);
    return (request, call, done) => {
      const own = { name, ask: () => cookiesOf(jar, request) };
      afterOwnStep(own, call, done, (cookies) => {
        sendAndReceive(cookies === '' ? request : withHeader(request, 'cookie', cookies), call, done);
      });
    };
  };
};

const name = `The jar of 'cookies'`;

async function cookiesOf(jar: CookieJar, request: FetchRequest): Promise<string> {
  const text = await jar.getCookieString(urlOf(request));
  return text === '' ? text : parseHeaders([['cookie', text]])[1]!;
}

function storing(jar: CookieJar, outcome: Outcome, request: FetchRequest, call: Call): Outcome | Promise<Outcome> {
  const given = outcome.kind === 'response' ? outcome.headers['set-cookie'] : undefined;
  if (given === undefined) return outcome;
  const ask = async (): Promise<void> => {
    for (const text of [given].flat()) await storeOne(jar, text, urlOf(request));
  };
  return ownStep({ name, ask }, call).then((answer) => answer.outcome ?? outcome);
}

/** A cookie that the jar refuses, such as one for another domain, is dropped. */
async function storeOne(jar: CookieJar, text: string, url: string): Promise<void> {
  try {
    await jar.setCookie(text, url);
  } catch {
    // What a server sends is no fault of the request.
  }
}

function urlOf({ origin, path }: FetchRequest): string {
  return origin + path;
}
