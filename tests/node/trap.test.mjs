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

test('the published core has no such export', () => {
  const published = require.resolve('../../pkg/package.json').replace('package.json', '');
  const file = readdirSync(published).find((name) => name.endsWith('.wasm'));
  const module = new WebAssembly.Module(readFileSync(published + file));
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.ok(names.includes('abi') && !names.includes('trap'));
});
