/** The keyed limiter: by name, by key, refused, and under a hundred rules. */
import { RateLimiterMemory } from 'rate-limiter-flexible';

// So large that no contender refuses in the time of a run.
const LARGE = 1_000_000_000;
const NAMES = Array.from({ length: 1_000 }, (_, n) => `user-${n}`);

export default ({ VesperaRateLimiter }) => {
  const bucket = { capacity: LARGE, refillRate: LARGE, refillInterval: 60_000 };
  const ours = new VesperaRateLimiter({ rules: [{ id: 'one', pattern: '*', scope: 'resource', bucket }] });
  const keys = NAMES.map((name) => ours.key(name));
  const theirs = new RateLimiterMemory({ points: LARGE, duration: 60 });

  const little = { capacity: 1, refillRate: 1, refillInterval: 31_622_400_000 };
  const empty = new VesperaRateLimiter({
    rules: [{ id: 'one', pattern: '*', scope: 'resource', bucket: little }],
  });
  empty.consume('one');
  const emptyTheirs = new RateLimiterMemory({ points: 1, duration: 86_400 });
  emptyTheirs.consume('one');

  const rules = Array.from({ length: 100 }, (_, n) => ({
    id: `rule-${n}`,
    pattern: n % 2 ? `service-${n}:*` : { regex: `^resource-${n}/[a-z]+$` },
    scope: 'user',
    bucket,
  }));
  const hundred = new VesperaRateLimiter({ rules });
  let at = 0;
  let fresh = 0;
  const next = () => (at = (at + 1) % 1_000);
  return [
    {
      name: 'limit: check one of 1,000 by its key',
      baseline: 'choosing one',
      contenders: {
        'vespera-security': () => ours.consumeKey(keys[next()]),
        'rate-limiter-flexible': () => theirs.consume(NAMES[next()]),
        'choosing one': () => NAMES[next()],
      },
      goals: { 'rate-limiter-flexible': { atLeast: 5 } },
    },
    {
      name: 'limit: check one of 1,000 by its name',
      contenders: {
        'vespera-security': () => ours.consume(NAMES[next()]),
        'vespera-security, all of the answer': () => ours.checkRateLimit({ resourceId: NAMES[next()] }),
        'rate-limiter-flexible': () => theirs.consume(NAMES[next()]),
      },
      goals: { 'rate-limiter-flexible': { atLeast: 2 } },
    },
    {
      name: 'limit: refuse by name',
      contenders: {
        'vespera-security': () => empty.consume('one'),
        'rate-limiter-flexible': () => emptyTheirs.consume('one').catch(() => undefined),
      },
      goals: { 'rate-limiter-flexible': { atLeast: 5 } },
    },
    {
      name: 'limit: check under 100 rules',
      contenders: {
        'one resource': () => hundred.consume({ resourceId: 'service-99:x', userId: 'ada' }),
        '1,000 resources': () => hundred.consume({ resourceId: `service-${next()}:x`, userId: 'ada' }),
        'a new resource each time': () =>
          hundred.consume({ resourceId: `service-99:${(fresh += 1)}`, userId: 'ada' }),
      },
      goals: { '1,000 resources': { atMost: 0.001 }, 'a new resource each time': { atMost: 0.001 } },
    },
  ];
};
