// Loaded before a child process of a test: strips the types of a file once, not in each process.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../node_modules/.cache/stripped/', import.meta.url));

registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
    return { format: 'module', source: stripped(readFileSync(fileURLToPath(url), 'utf8')), shortCircuit: true };
  },
});

function stripped(source) {
  const path = folder + createHash('sha256').update(source).digest('hex');
  try {
    return readFileSync(path, 'utf8');
  } catch {
    const text = withoutWarning(() => stripTypeScriptTypes(source));
    keep(path, text);
    return text;
  }
}

/** A test may listen to warnings, and the one about an experimental feature is ours. */
function withoutWarning(work) {
  const original = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    Object.defineProperty(process, 'emitWarning', original);
  }
}

function keep(path, text) {
  try {
    mkdirSync(folder, { recursive: true });
    // Another process may write the same file at the same time.
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // A test may have left no file descriptor or no room; the next process tries again.
  }
}
