import { listen, type ExampleServer } from './listen.ts';

const links: Readonly<Record<string, readonly string[]>> = {
  '/': ['/about', '/blog', 'https://example.com/elsewhere'],
  '/about': ['/', '/team#people'],
  '/team': ['/about', '/missing'],
  '/blog': ['/blog/1', '/blog/2', '/'],
  '/blog/1': ['/blog/2'],
  '/blog/2': ['/blog/1', '/blog'],
};

/** A small site with links from page to page, and an API in four pages. */
export function startSite(): Promise<ExampleServer> {
  return listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://site');
    if (pathname === '/items') {
      const page = Number(searchParams.get('page') ?? 1);
      if (page < 4) response.setHeader('link', `</items?page=${page + 1}>; rel="next"`);
      response.end(JSON.stringify([page * 10, page * 10 + 1]));
    } else if (links[pathname] === undefined) response.writeHead(404).end();
    else response.end(links[pathname].map((link) => `<a href="${link}">${link}</a>`).join('\n'));
  });
}
