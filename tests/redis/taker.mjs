/** A process that takes: `node taker.mjs PORT CLIENT TAKES BUCKET`, and sends how many were granted. */
import { RedisRateLimiter } from '../../pkg/node.mjs';
import { connectClient } from './clients.mjs';

const [port, kind, takes, bucket] = process.argv.slice(2);
const { client, close } = await connectClient(kind, Number(port));
const limiter = new RedisRateLimiter({
  client,
  bucket: JSON.parse(bucket),
  whenDown: 'closed',
  timeout: 30_000,
});
let left = Number(takes);
const one = async () => {
  while (left-- > 0) {
    const { allowed, decidedBy } = await limiter.consume('shared');
    process.send({ allowed: Number(allowed), decidedBy });
  }
};
process.send({ ready: true });
// Many requests on one connection at once, as a service has them.
await Promise.all(Array.from({ length: 50 }, one));
limiter.dispose();
close();
process.disconnect();
