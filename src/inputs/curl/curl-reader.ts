import { FetchError } from '../../http/error.ts';
import { InputError } from '../input-error.ts';
import type { RequestBuilder } from '../request-builder.ts';
import type { FormatReader, RequestItem } from '../request-item.ts';
import { bashCommands } from './bash-words.ts';
import { cmdCommands, isCmd } from './cmd-words.ts';
import type { Command } from './command.ts';
import { requestsOf } from './curl-arguments.ts';

/**
 * Reads curl commands, as browsers copy them ("Copy as cURL", for bash or cmd). Reads no file
 * and no environment variable for them: a command that needs one, or an unsupported option, cannot be sent.
 */
export class CurlReader implements FormatReader {
  readonly #name: string;
  readonly #builder: RequestBuilder;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(name: string, builder: RequestBuilder) {
    this.#name = name;
    this.#builder = builder;
    builder.setColumns([], [], true);
  }

  read(chunk: Buffer): readonly RequestItem[] {
    this.#bytes += chunk.length;
    if (this.#bytes > maxBytes) throw new InputError(this.#name, `it has more than ${maxBytes} bytes of curl commands`);
    this.#chunks.push(Buffer.from(chunk));
    return [];
  }

  *end(): Generator<RequestItem, void, undefined> {
    const text = Buffer.concat(this.#chunks).toString();
    this.#chunks = [];
    const commands = isCmd(text) ? cmdCommands(text) : bashCommands(text);
    for (const command of commands) yield* this.#items(command);
  }

  *#items({ words, line, error }: Command): Generator<RequestItem, void, undefined> {
    // Not the whole command: its header fields may contain secrets.
    const text = urlIn(words) ?? (words[0] || 'curl');
    try {
      if (error !== undefined) throw error;
      for (const draft of requestsOf(words)) {
        yield this.#builder.build({ defaultScheme: 'http', ...draft }, {}, line, () => text);
      }
    } catch (reason) {
      if (!(reason instanceof FetchError)) throw reason;
      yield this.#builder.reject(reason, line, text);
    }
  }
}

function urlIn(words: readonly string[]): string | undefined {
  return words.find((word) => /^https?:\/\//i.test(word));
}

/** Largest file of commands in bytes. It is held in memory. */
const maxBytes = 64 * 1024 * 1024;
