import { listen, type ExampleServer } from './listen.ts';

/** Gives out tokens at `/token`, each of which is good for ten requests; answers 401 to any other. */
export async function startTokenServer(): Promise<ExampleServer & { readonly issued: number }> {
  let issued = 0;
  let left = 0;
  const server = await listen((request, response) => {
    if (request.url === '/token') {
      issued += 1;
      left = 10;
      response.end(`token-${issued}`);
    } else if (request.headers.authorization === `Bearer token-${issued}` && left > 0) {
      left -= 1;
      response.end('secret');
    } else response.writeHead(401).end();
  });
  return {
    ...server,
    get issued() {
      return issued;
    },
  };
}
