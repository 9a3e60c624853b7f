/** Memory stays flat: the core's and JavaScript's, over many calls and many objects. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const CALLS = 100_000;
const TOLERANCE = 1e6; // bytes

// The memory is private to the engine: its instance is caught as it is made.
let memory;
const { Instance } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  memory ??= instance.exports.memory;
  return instance;
};
const lib = createRequire(import.meta.url)('../../pkg/index.cjs');

const MESSAGE =
  'See <b onclick="steal()">this</b> <a href="javascript:steal()">link</a><script>steal()</script>, <img src=x onerror=steal()>';
const DOCUMENT = `<section>${`<p class="x">${MESSAGE}</p>`.repeat(30)}</section>`;

const sanitizer = new lib.HtmlSanitizer();
const config = { capacity: 5, refillRate: 1, refillInterval: 1_000 };

const WORK = {
  'sanitize calls': (turn) => sanitizer.sanitize(turn % 100 ? MESSAGE : DOCUMENT),
  'objects made and disposed of': () => {
    new lib.TokenBucket(config).dispose();
    new lib.HtmlSanitizer({ profile: 'strict' }).dispose();
  },
  'refused configurations': () => {
    assert.throws(() => new lib.TokenBucket({ ...config, capacity: -1 }));
  },
};
const TIMES = { 'sanitize calls': CALLS };

for (const [name, work] of Object.entries(WORK)) {
  const times = TIMES[name] ?? CALLS / 10;
  test(`${times.toLocaleString('en')} ${name} leave memory flat`, () => {
    repeat(work, times / 10);
    const before = bytes();
    repeat(work, times);
    const after = bytes();
    for (const kind of ['linear', 'heap']) {
      const grown = after[kind] - before[kind];
      assert.ok(grown <= TOLERANCE, `${kind} memory grew by ${grown} bytes`);
    }
  });
}

function repeat(work, times) {
  for (let turn = 0; turn < times; turn++) work(turn);
}

function bytes() {
  assert.equal(typeof globalThis.gc, 'function', 'run with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return { linear: memory.buffer.byteLength, heap: process.memoryUsage().heapUsed };
}
