// A token that expires while a list is fetched: refreshed once, however many requests need a new one, and each is sent again.
import { createFetcher, type Around } from '../src/index.ts';
import { startTokenServer } from './servers/token-server.ts';

const server = await startTokenServer();

/** The current token. Requests that need it at the same time share one request for it. */
class Token {
  readonly #load: () => Promise<string>;
  #value: Promise<string> | undefined;

  constructor(load: () => Promise<string>) {
    this.#load = load;
  }

  get current(): Promise<string> {
    this.#value ??= this.#loaded();
    return this.#value;
  }

  /** Returns a newer token than the one that was refused. */
  async refresh(refused: string): Promise<string> {
    const before = this.#value;
    // Another request may have asked meanwhile.
    if ((await before) === refused && this.#value === before) this.#value = undefined;
    return this.current;
  }

  /** A token that could not be loaded is asked for again by the next request. */
  async #loaded(): Promise<string> {
    try {
      return await this.#load();
    } catch (error) {
      this.#value = undefined;
      throw error;
    }
  }
}

const token = new Token(async () => (await fetch(`${server.url}/token`)).text());

const withToken: Around = async (request, next) => {
  // A redirect may lead to another origin, which must not see the token.
  if (new URL(request.url).origin !== server.url) return next(request);
  const send = (value: string): ReturnType<typeof next> =>
    next({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } });
  const current = await token.current;
  const result = await send(current);
  return result.kind === 'response' && result.status === 401 ? send(await token.refresh(current)) : result;
};

const fetcher = createFetcher({ aroundSend: [withToken], perHost: { concurrency: 5 } });
try {
  const results = await fetcher.gather(Array.from({ length: 20 }, (_, at) => `${server.url}/items/${at}`));
  console.log(`${results.filter(({ ok }) => ok).length} of ${results.length} are ok`);
  console.log(`tokens issued: ${server.issued}`);
} finally {
  await fetcher.close();
  server.close();
}
