/** A trap in the core: the call fails closed, the next one works, nothing is gained by it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../target/trap-pkg', import.meta.url));
const lib = require(`${folder}/index.cjs`);
const { trap } = require(`${folder}/trap.cjs`);

test('the next instance has all parts, whichever is asked first', () => {
  const sanitizer = new lib.HtmlSanitizer();
  const clean = ['<b>x</b>', '<a href="https://münchen.example/">x</a>'];
  for (const first of clean) {
    stops();
    for (const html of [first, ...clean]) assert.equal(sanitizer.sanitize(html), html);
  }
});

const config = { capacity: 5, refillRate: 1, refillInterval: 1_000 };
const still = { clock: { now: () => 1_000 } };
const stops = () => assert.throws(trap, { code: 'ERR_ENGINE_FAULT' });

test('the call that traps says so, and the next call works', () => {
  const bucket = new lib.TokenBucket(config, still);
  for (let round = 0; round < 3; round++) {
    stops();
    assert.equal(bucket.consumeTokens(), true);
  }
});

test('a bucket comes back with what it had, and with no token more', () => {
  const bucket = new lib.TokenBucket(config, still);
  assert.ok(bucket.consumeTokens(3));
  stops();
  assert.equal(bucket.getTokenCount(), 2);
  assert.ok(!bucket.consumeTokens(3));
});

test('a bucket that filled up before the trap does not fill up a second time', () => {
  const clock = { time: 0, now: () => clock.time };
  const bucket = new lib.TokenBucket({ ...config, refillInterval: 60_000 }, { clock });
  clock.time = 50_000;
  assert.ok(bucket.consumeTokens(5));
  stops();
  assert.ok(bucket.getTokenCount() < 1);
});

const rules = [{ id: 'rule', pattern: '*', scope: 'user', bucket: config }];
const passing = (limiter, userId) =>
  Array.from({ length: 9 }).filter(() => limiter.consume({ resourceId: 'any', userId })).length;

test('a limiter comes back without a token more for anyone, whoever stops the engine how often', () => {
  const clock = { time: 0, now: () => clock.time };
  const limiter = new lib.VesperaRateLimiter({ rules }, { clock });
  assert.equal(passing(limiter, 'ada'), 5);
  for (let round = 0; round < 5; round++) {
    stops();
    assert.equal(passing(limiter, 'ada'), 0);
  }
  clock.time = 2_000;
  assert.equal(passing(limiter, 'ada'), 2);
});

test('the keys of a limiter are good in the next instance', () => {
  const limiter = new lib.VesperaRateLimiter({ rules }, still);
  const [gone, key] = [limiter.key('a'), limiter.key({ resourceId: 'any', userId: 'ada' })];
  limiter.releaseKey(gone);
  assert.ok(limiter.consumeKey(key, 4));
  stops();
  assert.ok(limiter.consumeKey(key, 1));
  assert.ok(!limiter.consumeKey(key, 1));
  assert.throws(() => limiter.consumeKey(gone), { code: 'ERR_ARGUMENT_INVALID' });
});

test('a limiter that was never used after its snapshot trusts its newcomers', () => {
  const limiter = new lib.VesperaRateLimiter({ rules }, still);
  stops();
  assert.equal(passing(limiter, 'bob'), 5);
});

test('a clock that throws while a limiter comes back is the caller\u2019s error, and the next call works', () => {
  const clock = { broken: false, now: () => (clock.broken ? clock.fail() : 1_000) };
  clock.fail = () => {
    throw new RangeError('no time');
  };
  const limiter = new lib.VesperaRateLimiter({ rules }, { clock });
  const bucket = new lib.TokenBucket(config, { clock });
  assert.equal(passing(limiter, 'ada'), 5);
  stops();
  const other = new lib.TokenBucket(config, still);
  clock.broken = true;
  for (let round = 0; round < 2; round++)
    for (const ask of [() => limiter.key('a'), () => limiter.getStats(), () => bucket.getTokenCount()])
      assert.throws(ask, { message: 'no time' });
  const before = lib.Keyset.generate();
  assert.equal(other.consumeTokens(5), true);
  clock.broken = false;
  assert.equal(passing(limiter, 'ada'), 0);
  assert.equal(bucket.getTokenCount(), 5);
  assert.equal(before.seal(new Uint8Array(1), 'a').length > 0, true);
});

test('flags are what they were', () => {
  const flags = new lib.SecurityFeatureFlags({ foundation: true });
  flags.setFlag('rateLimiting', { enabled: true, rolloutPercentage: 0 });
  stops();
  assert.equal(flags.isEnabled('foundation'), true);
  assert.equal(flags.isEnabled('rateLimiting', 'ada'), false);
});

test('disposing of an object from before the trap touches nothing of today', () => {
  const before = new lib.TokenBucket(config, still);
  stops();
  const today = new lib.TokenBucket(config, still);
  before.dispose();
  assert.equal(today.consumeTokens(), true);
  assert.throws(() => before.consumeTokens(), { code: 'ERR_DISPOSED' });
});

test('a keyset answers with the fault until it is imported anew', () => {
  const kek = new Uint8Array(32).fill(7);
  const keyset = lib.Keyset.generate();
  const exported = keyset.export(kek);
  const sealed = keyset.seal(new Uint8Array([1, 2, 3]), 'a');
  stops();
  for (let round = 0; round < 2; round++) {
    assert.throws(() => keyset.open(sealed, 'a'), { code: 'ERR_ENGINE_FAULT' });
    assert.throws(() => keyset.seal(sealed, 'a'), { code: 'ERR_ENGINE_FAULT' });
  }
  const again = lib.Keyset.import(exported, kek);
  assert.deepEqual(again.open(sealed, 'a'), new Uint8Array([1, 2, 3]));
  assert.throws(() => keyset.open(sealed, 'a'), { code: 'ERR_ENGINE_FAULT' });
  keyset.dispose();
  assert.equal(again.open(sealed, 'a').length, 3);
});

const boom = async () => {
  throw new Error('boom');
};

test('an open circuit is open after a trap, and still becomes half-open in time', async () => {
  const clock = { time: 1_000, now: () => clock.time };
  const breaker = new lib.CircuitBreaker(
    { failureThreshold: 1, recoveryTimeout: 10_000 },
    { clock, wallClock: clock },
  );
  await assert.rejects(breaker.execute(boom), /boom/);
  clock.time += 4_000;
  stops();
  const refused = { code: 'ERR_CIRCUIT_OPEN', details: { retryAfterMs: 6_000 } };
  await assert.rejects(
    breaker.execute(async () => 1),
    refused,
  );
  clock.time += 6_000;
  assert.equal(await breaker.execute(async () => 1), 1);
  assert.equal(breaker.state, 'closed');
});

test('a wall clock that says nothing keeps an open circuit open', async () => {
  const clock = { now: () => 1_000 };
  for (const now of [() => Number.NaN, () => assert.fail('no time')]) {
    const breaker = new lib.CircuitBreaker({ failureThreshold: 1 }, { clock, wallClock: { now } });
    await assert.rejects(breaker.execute(boom), /boom/);
    stops();
    assert.equal(breaker.state, 'open');
  }
});

test('a circuit forgets at most a second of failures in a trap', async () => {
  const clock = { time: 1_000, now: () => clock.time };
  const breaker = new lib.CircuitBreaker({ failureThreshold: 4 }, { clock, wallClock: clock });
  for (const wait of [0, 1_000, 999]) {
    clock.time += wait;
    await assert.rejects(breaker.execute(boom), /boom/);
  }
  stops();
  assert.equal(breaker.stats.failures, 2);
  assert.equal(breaker.state, 'closed');
});

test('a call that was under way during a trap keeps its result and blames nobody', async () => {
  const breaker = new lib.CircuitBreaker({ failureThreshold: 1 }, still);
  const calls = [];
  const pending = () => new Promise((resolve, reject) => calls.push({ resolve, reject }));
  const running = [breaker.execute(pending), breaker.execute(pending)];
  stops();
  calls[0].resolve('kept');
  calls[1].reject(new Error('boom'));
  assert.equal(await running[0], 'kept');
  await assert.rejects(running[1], /boom/);
  assert.equal(breaker.state, 'closed');
  await assert.rejects(breaker.execute(boom), /boom/);
  assert.equal(breaker.state, 'open');
});

test('the published core has no such function', () => {
  const published = require.resolve('../../pkg/package.json').replace('package.json', '');
  const files = readdirSync(published);
  const read = (file) => readFileSync(published + file);
  const module = new WebAssembly.Module(read(files.find((name) => name.endsWith('.wasm'))));
  const anything = { get: () => new Proxy({}, { get: () => () => 0 }) };
  const { exports } = new WebAssembly.Instance(module, new Proxy({}, anything));
  const [functions] = Object.keys(exports).filter((name) => name.startsWith('functions_'));
  const scripts = files.filter((name) => /^shared-.*\.cjs$/.test(name)).map((file) => String(read(file)));
  const names = Array.from(scripts.join('').matchAll(/fetching\("(\w+)"(?:, \d+){2}\)/g), ([, name]) => name);
  assert.equal(names.length, exports[functions].length);
  assert.ok(names.includes('htmlNew') && !names.includes('trap'));
});
