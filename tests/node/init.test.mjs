/** What `init` takes, and what it refuses without refusing the next one. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as lib from '../../pkg/slim.mjs';

const folder = new URL('../../pkg/', import.meta.url);
const file = readdirSync(folder).find((name) => /^core\.\w+\.wasm$/.test(name));
const core = new Uint8Array(readFileSync(new URL(file, folder)));

/** The same core by its looks: the hash in the name of its table says that it is another. */
function ofAnotherBuild() {
  const name = Buffer.from(core).indexOf('functions_');
  assert.ok(name > 0);
  const other = core.slice();
  other.fill(0x30, name + 'functions_'.length, name + 'functions_'.length + 12);
  return other;
}

/** The core without its last part, which is a section at its end. */
function cutShort() {
  const part = WebAssembly.Module.customSections(new WebAssembly.Module(core), 'part').at(-1);
  const header = 1 + 3 + 1 + 'part'.length;
  return core.slice(0, core.length - part.byteLength - header);
}

const response = (ok) => ({ ok, arrayBuffer: async () => core.slice().buffer });

test('what is not the core of this build is refused, and then the core is taken, from any kind of response', async () => {
  for (const source of [
    new Uint8Array(3),
    new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    ofAnotherBuild(),
    cutShort(),
    'core.wasm',
    response(false),
    new Response(core, { status: 404 }),
  ])
    await assert.rejects(lib.init(source), { code: 'ERR_ENGINE_BYTES_INVALID' });
  await assert.rejects(lib.init(Promise.reject(new TypeError('fetch failed'))), {
    code: 'ERR_ENGINE_BYTES_INVALID',
  });
  assert.throws(() => new lib.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 1 }), {
    code: 'ERR_ENGINE_NOT_READY',
  });
  await lib.init(Promise.resolve(response(true)));
  assert.ok(new lib.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 1 }).consumeTokens());
});
