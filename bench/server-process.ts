import { startServer } from '../cli/server/server.ts';

const server = await startServer();
process.send?.(server.url);
