/** Limits shared on a real server, by real processes. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RedisRateLimiter } from '../../pkg/node.mjs';
import { connectClient } from './clients.mjs';
import { freePort, kill, startRedis } from './server.mjs';

const TAKER = fileURLToPath(new URL('taker.mjs', import.meta.url));
const KINDS = ['redis', 'ioredis'];
let port;
let server;

before(async () => {
  port = await freePort();
  server = await startRedis(port);
});
after(() => kill(server));

async function withLimiter(kind, config, work) {
  const { client, close } = await connectClient(kind, port);
  const limiter = new RedisRateLimiter({
    client,
    prefix: `${kind}:${Math.random()}:`,
    timeout: 5_000,
    ...config,
  });
  try {
    await work(limiter, client);
  } finally {
    limiter.dispose();
    close();
  }
}

/** What so many calls at once are granted. */
const granted = async (limiter, key, calls) =>
  (await Promise.all(Array.from({ length: calls }, () => limiter.consume(key)))).filter(
    ({ allowed }) => allowed,
  ).length;

for (const kind of KINDS) {
  test(`${kind}: the burst is there for whoever comes back after a pause`, () =>
    withLimiter(
      kind,
      {
        bucket: { capacity: 2, refillRate: 20, refillInterval: 1_000, burstAllowance: 1 },
        whenDown: 'closed',
      },
      async (limiter) => {
        assert.equal((await limiter.consume('ada', 2)).allowed, true);
        await sleep(1_500);
        assert.equal((await limiter.consume('ada', 3)).allowed, true);
      },
    ));

  test(`${kind}: a bucket is all or nothing, and fills on the server's clock`, () =>
    withLimiter(
      kind,
      {
        bucket: { capacity: 5, refillRate: 10, refillInterval: 1_000, burstAllowance: 2 },
        whenDown: 'closed',
      },
      async (limiter) => {
        const first = await limiter.consume('ada', 5);
        assert.deepEqual([first.allowed, first.decidedBy], [true, 'store']);
        const refused = await limiter.consume('ada', 5);
        assert.ok(!refused.allowed && refused.retryAfterMs > 300 && refused.retryAfterMs <= 500);
        assert.equal((await limiter.consume('ada', 8)).retryAfterMs, Number.POSITIVE_INFINITY);
        assert.equal((await limiter.consume('bob', 5)).allowed, true);
        await sleep(refused.retryAfterMs);
        assert.equal((await limiter.consume('ada', 5)).allowed, true);
        await sleep(900);
        assert.equal((await limiter.consume('ada', 7)).allowed, true, 'the burst comes back');
      },
    ));

  test(`${kind}: the script is sent again to a server that forgot it`, () =>
    withLimiter(
      kind,
      { bucket: { capacity: 2, refillRate: 1, refillInterval: 60_000 }, whenDown: 'closed' },
      async (limiter, client) => {
        assert.ok((await limiter.consume('a')).allowed);
        await (kind === 'redis' ? client.scriptFlush() : client.script('FLUSH'));
        assert.ok((await limiter.consume('a')).allowed);
        assert.ok(!(await limiter.consume('a')).allowed);
        assert.ok(limiter.available);
      },
    ));
}

/** Four processes take; answers what they were granted in how many milliseconds. `disturb` gets the processes. */
async function race(bucket, takes, disturb) {
  const started = performance.now();
  const counts = { granted: 0, asked: 0 };
  const processes = KINDS.concat(KINDS).map((kind) =>
    fork(TAKER, [String(port), kind, String(takes), JSON.stringify(bucket)]),
  );
  for (const process of processes)
    process.on('message', ({ allowed, decidedBy }) => {
      if (allowed === undefined) return;
      assert.equal(decidedBy, 'store');
      counts.granted += allowed;
      counts.asked += 1;
    });
  await Promise.all([...processes.map((process) => once(process, 'exit')), disturb?.(processes, counts)]);
  return { ...counts, passed: performance.now() - started };
}

test('four processes, 100,000 takes, not one token too many', async (t) => {
  const bucket = { capacity: 1_000, refillRate: 500, refillInterval: 1_000 };
  const { granted, asked, passed } = await race(bucket, 25_000);
  t.diagnostic(`${granted} of ${asked} granted in ${Math.round(passed)} ms`);
  assert.equal(asked, 100_000);
  assert.ok(granted <= 1_000 + (500 * passed) / 1_000, `${granted} in ${passed} ms`);
  assert.ok(granted >= 1_000);
});

test('nor when one of them is killed', async (t) => {
  const { client, close } = await connectClient('redis', port);
  await client.flushAll();
  close();
  const bucket = { capacity: 1_000, refillRate: 1, refillInterval: 3_600_000 };
  const { granted, asked } = await race(bucket, 5_000, async ([victim]) => {
    let told = 0;
    victim.on('message', () => {
      told += 1;
      if (told === 100) victim.kill('SIGKILL');
    });
  });
  t.diagnostic(`${granted} of ${asked} granted`);
  // The victim may have taken tokens that it could not tell of any more.
  assert.ok(granted <= 1_000 && granted > 800, `${granted}`);
  assert.ok(asked < 20_000);
});

test('a server that is killed: closed lets none pass, insurance one capacity, open all, and the event says so', async () => {
  const bucket = { capacity: 5, refillRate: 1, refillInterval: 3_600_000 };
  const clients = await Promise.all(KINDS.map((kind) => connectClient(kind, port)));
  const limiters = ['closed', 'insurance', 'open'].map(
    (whenDown, at) =>
      new RedisRateLimiter({
        client: clients[at % 2].client,
        bucket,
        whenDown,
        prefix: `down:${whenDown}:`,
        timeout: 300,
        retryAfter: 50,
      }),
  );
  const heard = [];
  limiters[0].onDidChangeStore((change) => heard.push(change.available));
  for (const limiter of limiters) assert.equal(await granted(limiter, 'k', 3), 3);
  await kill(server);
  const [closed, insurance, open] = await Promise.all(limiters.map((limiter) => granted(limiter, 'k', 20)));
  assert.deepEqual([closed, insurance, open], [0, 5, 20]);
  assert.equal((await limiters[0].consume('k')).decidedBy, 'closed');
  assert.deepEqual(heard, [false]);
  server = await startRedis(port);
  for (let tries = 0; tries < 200 && !limiters[0].available; tries++) {
    await sleep(50);
    await limiters[0].consume('other');
  }
  assert.deepEqual(heard, [false, true]);
  assert.equal(await granted(limiters[0], 'k', 20), 5, 'one further capacity after it is back');
  limiters.forEach((limiter) => limiter.dispose());
  clients.forEach(({ close }) => close());
});

test('what a shared bucket cannot be is refused by its field', () => {
  const client = { eval() {}, evalsha() {} };
  const bucket = { capacity: 5, refillRate: 1, refillInterval: 1_000 };
  for (const [fields, word] of [
    [{ client: {} }, 'client'],
    [{ client: { evalsha() {} } }, 'eval()'],
    [{ timeOut: 50 }, 'timeOut'],
    [{ timeout: '50' }, 'timeout'],
    [{ whenDown: 'maybe' }, 'whenDown'],
    [{ timeout: 0 }, 'timeout'],
    [{ bucket: { ...bucket, capacity: 0 } }, 'capacity'],
    [{ bucket: { ...bucket, algorithm: 'gcra' } }, 'token-bucket'],
    [{ bucket: { ...bucket, capacity: 4_000_000_000, refillInterval: 1_000_003 } }, 'too large'],
  ])
    assert.throws(
      () => new RedisRateLimiter({ client, bucket, whenDown: 'closed', ...fields }),
      (error) => error.code === 'ERR_CONFIG_INVALID' && error.message.includes(word),
    );
});

test('closed asks to wait for as long as the store is left alone', async () => {
  const client = { eval() {}, evalsha: async () => Promise.reject(new Error('gone')) };
  const bucket = { capacity: 5, refillRate: 1, refillInterval: 1_000 };
  const shared = new RedisRateLimiter({ client, bucket, whenDown: 'closed', retryAfter: 7_000 });
  const { allowed, retryAfterMs, decidedBy } = await shared.consume('ada');
  assert.deepEqual([allowed, retryAfterMs, decidedBy], [false, 7_000, 'closed']);
});
