/**
 * What subjects cost in linear memory, and what an attacker who rotates names can make of it.
 *
 * `LIMIT_NAMES=10000000` rotates ten million names; fewer are the rule, because it takes its time.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

// The engine shows its memory to nobody: it is caught when the instance is made.
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    if (this.exports.memory) memories.push(this.exports.memory);
  }
};
const lib = createRequire(import.meta.url)('../../pkg/index.cjs');
const NAMES = Number(process.env.LIMIT_NAMES ?? 1_000_000);

// The snapshots that guard against a trap are copied out and would be counted: the clock stands still.
const clock = { now: () => 0 };
const rules = [
  { id: 'one', pattern: '*', scope: 'user', bucket: { capacity: 5, refillRate: 1, refillInterval: 60_000 } },
];
const fill = (limiter, from, to) => {
  for (let n = from; n < to; n++) limiter.consume({ resourceId: 'any', userId: `name-${n}` });
};

test('a million subjects take at most 96 bytes each', (t) => {
  const limiter = new lib.VesperaRateLimiter({ rules, maxKeys: 1_000_000 }, { clock });
  const before = memories[0].buffer.byteLength;
  fill(limiter, 0, 1_000_000);
  const each = (memories[0].buffer.byteLength - before) / 1_000_000;
  t.diagnostic(`${each} bytes each`);
  assert.equal(limiter.getStats().keys, 1_000_000);
  assert.ok(each <= 96, `${each}`);
  limiter.dispose();
});

test('memory stays put while names are rotated', (t) => {
  const limiter = new lib.VesperaRateLimiter({ rules, maxKeys: 10_000 }, { clock });
  fill(limiter, 0, 20_000);
  const before = memories[0].buffer.byteLength;
  fill(limiter, 20_000, 20_000 + NAMES);
  t.diagnostic(`${NAMES} names: ${memories[0].buffer.byteLength - before} bytes more`);
  assert.equal(memories[0].buffer.byteLength, before);
  assert.deepEqual(
    { keys: limiter.getStats().keys, allowed: limiter.getStats().allowed },
    { keys: 10_000, allowed: 10_000 + 5 },
  );
  limiter.dispose();
});
