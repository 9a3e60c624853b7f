/** A stack that is exhausted in the middle of a call: the engine stops, says so once, and starts again. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const lib = createRequire(import.meta.url)('../../pkg/index.cjs');
const bytes = new Uint8Array(600);

/** Calls at every depth until the stack ends. The arguments make frames of other sizes, to end at other places. */
function untilItEnds(work, ...padding) {
  try {
    work();
  } catch (thrown) {
    return thrown;
  }
  return untilItEnds(work, ...padding);
}

test('wherever the stack ends, the next call works', () => {
  for (let size = 0; size < 24; size++) {
    const keyset = lib.Keyset.generate();
    try {
      untilItEnds(() => keyset.open(keyset.seal(bytes, 'a'), 'a'), ...Array(size));
    } catch {
      // It ended outside of a call.
    }
    const next = lib.Keyset.generate();
    assert.equal(next.open(next.seal(bytes, 'a'), 'a').length, 600);
    next.dispose();
  }
});
