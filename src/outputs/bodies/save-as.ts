import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BodyReceiver } from '../../http/body-writer.ts';
import { BodyFile, type BodyPlace } from './body-file.ts';
import { fileError } from './file-error.ts';
import { hasBody } from './has-body.ts';

/** Saves the body of an ok response to one file: whole, by a rename, or not at all. */
export function saveAs(path: string): BodyReceiver {
  return (head, control) => {
    if (!head.ok || !hasBody(head)) return 'discard';
    const file = new BodyFile(placeOf(path), `.${basename(path)}.${randomUUID()}.part`, {
      onDrain: () => control.drain(),
      onError: (error) => control.fail(error),
    });
    return {
      write: (chunk) => file.write(chunk),
      end: () => file.end(),
      commit() {
        file.place(path);
        return { file: path, sha256: file.sha256 };
      },
      abort: () => file.discard(),
    };
  };
}

function placeOf(path: string): BodyPlace {
  return {
    isDurable: false,
    partPath: (name) => join(dirname(path), name),
    place(part, name) {
      try {
        renameSync(part, name);
      } catch (cause) {
        throw fileError(cause, name);
      }
    },
  };
}
