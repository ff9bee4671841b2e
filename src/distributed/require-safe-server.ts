import { printable } from '../text/printable.ts';
import { BrokerError, type Broker } from './broker.ts';

/**
 * Refuses a server that takes no writes, or would drop work, and gives notice of one that does not write to disk.
 *
 * @throws BrokerError, as a rejection
 */
export async function requireSafeServer(broker: Broker, onNotice: (message: string) => void): Promise<void> {
  const { evictionPolicy, maxBytes, isPersistent, replicaOf } = await broker.server();
  const { address } = broker;
  if (replicaOf !== undefined) {
    throw new BrokerError(
      `the queue at ${address} is a read-only replica of ${printable(replicaOf)}; use the address of that server, or redis+sentinel://`,
    );
  }
  if (maxBytes > 0 && evictionPolicy !== 'noeviction') {
    throw new BrokerError(
      `the queue at ${address} drops data when its memory is full (maxmemory-policy ${evictionPolicy}); set maxmemory-policy noeviction`,
    );
  }
  if (!isPersistent) {
    onNotice(
      `the queue at ${address} does not write to disk (appendonly no): if it crashes, requests in progress are sent again`,
    );
  }
}
