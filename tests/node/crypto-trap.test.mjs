/** What a trap leaves of the keys: nothing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { openExport } from './helpers/open-sealed.mjs';
import { watchMemory } from './helpers/watch-memory.mjs';

const memory = watchMemory();
const require = createRequire(import.meta.url);
const lib = require('../../target/trap-pkg/index.cjs');
const { trap } = require('../../target/trap-pkg/trap.cjs');

test('a key is neither in the memory that stopped nor in the one that follows', () => {
  const kek = randomBytes(32);
  const keyset = lib.Keyset.generate();
  const { keys } = openExport(kek, Buffer.from(keyset.export(kek)));
  const [key] = keys.values();
  assert.equal(memory.copies(key), 2, 'two halves');
  assert.throws(trap, { code: 'ERR_ENGINE_FAULT' });
  assert.equal(memory.copies(key), 0);
  lib.Keyset.generate().dispose();
  assert.equal(memory.instances, 2);
  assert.equal(memory.copies(key), 0);
});
