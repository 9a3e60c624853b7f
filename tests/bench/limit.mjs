/** The token bucket. */
import { RateLimiter, TokenBucket as PeerBucket } from 'limiter';
import { RateLimiterMemory } from 'rate-limiter-flexible';

// So large that no contender refuses in the time of a run.
const LARGE = 1_000_000_000;

export default ({ TokenBucket }) => {
  const config = { capacity: LARGE, refillRate: LARGE, refillInterval: 1_000 };
  const ours = new TokenBucket(config);
  const peer = new PeerBucket({ bucketSize: LARGE, tokensPerInterval: LARGE, interval: 1_000 });
  peer.content = LARGE;
  const limiter = new RateLimiter({ tokensPerInterval: LARGE, interval: 1_000 });
  const flexible = new RateLimiterMemory({ points: LARGE, duration: 60 });

  const empty = new TokenBucket({
    ...config,
    refillRate: 1,
    refillInterval: 1_000_000_000,
    initialTokens: 0,
  });
  const emptyPeer = new PeerBucket({ bucketSize: 5, tokensPerInterval: 1, interval: 1_000_000_000 });
  return [
    {
      name: 'limit: take one token',
      contenders: {
        'vespera-security': () => ours.consumeTokens(1),
        'limiter TokenBucket': () => peer.tryRemoveTokens(1),
        'limiter RateLimiter': () => limiter.tryRemoveTokens(1),
        'rate-limiter-flexible': () => flexible.consume('one'),
      },
      goals: { 'limiter TokenBucket': { atLeast: 0.83 }, 'limiter RateLimiter': { atLeast: 0.83 } },
    },
    {
      name: 'limit: refuse',
      contenders: {
        'vespera-security': () => empty.consumeTokens(1),
        'limiter TokenBucket': () => emptyPeer.tryRemoveTokens(1),
      },
    },
  ];
};
