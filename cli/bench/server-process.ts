import { startServer } from '../server/server.ts';

// The parent process may end without a message.
process.once('disconnect', () => process.exit());
const server = await startServer();
process.send?.(server.url);
