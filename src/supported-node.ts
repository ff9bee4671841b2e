// Imported first by every entry: an older Node stops here with a clear message, not later with a missing function.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  throw new Error(`fetchmany needs Node.js >= 22.19, this is v${process.versions.node}`);
}
