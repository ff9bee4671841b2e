import { startServer } from '../server/server.ts';

// Whoever started it may end without a word.
process.once('disconnect', () => process.exit());
const server = await startServer();
process.send?.(server.url);
