import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRequest } from '../../src/http/request.ts';
import { ColumnError } from '../../src/inputs/column-error.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { inputFormats, type InputFormat } from '../../src/inputs/input-format.ts';
import { readRequests } from '../../src/inputs/read-requests.ts';
import { inChunks } from '../helpers/in-chunks.ts';
import { nastyStrings } from '../helpers/servers/nasty.ts';

/** Texts that mean something to one of the formats. */
const tokens = [
  ...nastyStrings,
  'url',
  'http://a/',
  ',',
  ';',
  '\t',
  '"',
  '""',
  '\n',
  '\r\n',
  '\\',
  "'",
  "$'",
  '^"',
  ' ^\r\n',
  'curl ',
  ' -H ',
  ' -d ',
  ' --next ',
  '{',
  '}',
  '[',
  ']',
  ':',
  '"url":',
  '"log":{"entries":[',
  '{"request":{"url":"http://a/"}}',
  'null',
  '1e999',
  '<urlset>',
  '<url>',
  '<loc>',
  '</loc>',
  '</url>',
  '</urlset>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '&amp;',
  '<!DOCTYPE x [<!ENTITY a "b">',
  '\u0000',
  '\ufeff',
  'sep=;',
  '#',
  '__proto__',
  'constructor',
];

/** Reads to the end. Returns the items, and the message of an error that a list may cause. */
async function read(bytes: Buffer, sizes: readonly number[], format?: InputFormat): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const item of readRequests(inChunks(bytes, sizes), format === undefined ? {} : { format })) {
      const request = parseRequest(item, []);
      seen.push(
        'error' in request ? [request.url, request.error.code, item.line] : [request.url, request.origin, item.line],
      );
    }
  } catch (error) {
    if (!(error instanceof InputError) && !(error instanceof ColumnError)) throw error;
    seen.push(error.message);
  }
  return seen;
}

test.each([...inputFormats, undefined])(
  'any text as %s gives items or one clear error, the same in any chunks',
  async (format) => {
    const text = fc.array(fc.oneof(fc.constantFrom(...tokens), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 25,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(text, sizes, async (parts, chunks) => {
        const bytes = Buffer.from(parts.join(''));
        expect(await read(bytes, chunks, format)).toEqual(await read(bytes, [1 << 20], format));
      }),
      { numRuns: 400 },
    );
  },
);

test.each([...inputFormats, undefined])('any bytes as %s give items or one clear error', async (format) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      for (const item of await read(Buffer.from(bytes), [7], format)) expect(item).toBeDefined();
    }),
    { numRuns: 200 },
  );
});
