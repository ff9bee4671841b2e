// A login: a form sets a cookie, and the pages behind it are fetched with that cookie.
import { openCookieJar } from '../src/cookies.ts';
import { createFetcher } from '../src/index.ts';
import { listen } from './servers/listen.ts';

const server = await listen((request, response) => {
  if (request.url === '/login' && request.method === 'POST') {
    response.writeHead(303, { location: '/home', 'set-cookie': 'session=abc; Path=/; HttpOnly' }).end();
  } else response.writeHead(request.headers.cookie === 'session=abc' ? 200 : 401).end(request.url);
});

const cookies = await openCookieJar(); // with a path, the session would outlast the program
const fetcher = createFetcher({ cookies });
try {
  const pages = ['/orders', '/invoices'].map((path) => server.url + path);
  const show = async (when: string): Promise<void> => {
    for (const result of await fetcher.gather(pages))
      console.log(`${when}: ${result.kind === 'response' ? result.status : result.error.code}`);
  };
  await show('before');
  const home = await fetcher.fetch(`${server.url}/login`, { form: { user: 'me', password: 'secret' } });
  console.log(
    `login: ${home.kind === 'response' ? `${home.status} at ${new URL(home.finalUrl).pathname}` : home.error.code}`,
  );
  await show('after');
} finally {
  await fetcher.close();
  await cookies.close();
  server.close();
}
