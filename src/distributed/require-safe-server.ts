import { BrokerError, type Broker } from './broker.ts';

/**
 * Refuses a server that would drop work, and gives notice of one that does not write to disk.
 *
 * @throws BrokerError, as a rejection
 */
export async function requireSafeServer(broker: Broker, onNotice: (message: string) => void): Promise<void> {
  const { evictionPolicy, maxBytes, isPersistent } = await broker.server();
  const { address } = broker;
  if (maxBytes > 0 && evictionPolicy !== 'noeviction') {
    throw new BrokerError(
      `the queue at ${address} drops data when its memory is full (maxmemory-policy ${evictionPolicy}); set maxmemory-policy noeviction`,
    );
  }
  if (!isPersistent) {
    onNotice(
      `the queue at ${address} does not write to disk (appendonly no): if it dies, what is under way is requested again`,
    );
  }
}
