/** The two clients that the store is tested with. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';

export async function connectClient(kind, port) {
  if (kind === 'ioredis') {
    const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 0 });
    client.on('error', () => undefined);
    return { client, close: () => client.disconnect() };
  }
  const client = createClient({ url: `redis://127.0.0.1:${port}`, disableOfflineQueue: true });
  client.on('error', () => undefined);
  await client.connect();
  return { client, close: () => client.destroy() };
}
