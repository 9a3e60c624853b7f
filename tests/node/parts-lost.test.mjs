/** A part of the core does not come, or comes late: the call says so, nothing is decided, and the next one works. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const published = fileURLToPath(new URL('../../pkg', import.meta.url));
const CORE = readdirSync(published).find((name) => /^core\.\w+\.wasm$/.test(name));
const FURTHER = ['bytes.1.cjs', 'bytes.2.cjs'];
const whole = readFileSync(join(published, CORE));

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** A package of its own, with a state of its own. */
function install(entry = 'index.cjs') {
  const folder = mkdtempSync(join(tmpdir(), 'parts-'));
  folders.push(folder);
  cpSync(published, folder, { recursive: true });
  const at = (name) => join(folder, name);
  return {
    lib: require(at(entry)),
    lose: (...names) => names.forEach((name) => renameSync(at(name), at(`${name}.lost`))),
    find: (...names) => names.forEach((name) => renameSync(at(`${name}.lost`), at(name))),
    damage: (name) => writeFileSync(at(name), "module.exports = 'AAAA';"),
    write: (bytes) => writeFileSync(at(CORE), bytes),
  };
}

const dirty = '<b>x</b><img src=x onerror=alert(1)>';
const clean = '<b>x</b><img src="x">';
const international = '<a href="https://münchen.example/">x</a>';
const config = { capacity: 1, refillRate: 1, refillInterval: 60_000 };
const INVALID = { code: 'ERR_ENGINE_BYTES_INVALID' };

/** That whatever asks for a further part says the same every time, and that what does not is as it was. */
function isRefused(lib, sanitizer) {
  for (let round = 0; round < 3; round++) {
    assert.throws(() => new lib.TokenBucket(config), INVALID);
    assert.throws(() => sanitizer.sanitize(international), INVALID);
    assert.throws(() => lib.maskPersonalData('call me'), INVALID);
    assert.equal(sanitizer.sanitize(dirty), clean);
  }
}

function works(lib, sanitizer = new lib.HtmlSanitizer()) {
  const bucket = new lib.TokenBucket(config);
  assert.deepEqual([bucket.consumeTokens(), bucket.consumeTokens()], [true, false]);
  assert.equal(sanitizer.sanitize(international), international);
  assert.equal(sanitizer.sanitize(dirty), clean);
}

test('a file that is lost, cut short or longer after the first message is not missed', () => {
  for (const change of [
    ({ lose }) => lose(CORE),
    ({ write }) => write(whole.subarray(0, -1)),
    ({ write }) => write(Buffer.concat([whole, Buffer.alloc(1)])),
  ]) {
    const installed = install();
    const sanitizer = new installed.lib.HtmlSanitizer();
    assert.equal(sanitizer.sanitize(dirty), clean);
    change(installed);
    works(installed.lib, sanitizer);
  }
});

test('a part that is gone is asked for anew by each call', () => {
  const { lib, lose, find } = install();
  const sanitizer = new lib.HtmlSanitizer();
  assert.equal(sanitizer.sanitize(dirty), clean);
  lose(CORE, ...FURTHER);
  isRefused(lib, sanitizer);
  find(...FURTHER);
  works(lib, sanitizer);
});

test('a part that is damaged or of another build is refused until it is whole', () => {
  const damaged = Buffer.from(whole);
  const other = Buffer.from(whole);
  for (const part of WebAssembly.Module.customSections(new WebAssembly.Module(whole), 'part')) {
    const start = whole.indexOf(Buffer.from(part));
    damaged.fill(0, start + (part.byteLength >> 1), start + part.byteLength);
    other.write('functions_000000000000', whole.indexOf('functions_', start));
  }
  for (const bytes of [damaged, other]) {
    const { lib, write } = install();
    const sanitizer = new lib.HtmlSanitizer();
    assert.equal(sanitizer.sanitize(dirty), clean);
    write(bytes);
    isRefused(lib, sanitizer);
    write(whole);
    works(lib, sanitizer);
  }
});

test('without any bytes the first call says so, and a later one starts', async () => {
  const { lib, lose, find } = install();
  lose(CORE);
  lose('bytes.0.cjs');
  for (let round = 0; round < 2; round++) {
    assert.throws(() => new lib.HtmlSanitizer(), INVALID);
    await assert.rejects(lib.init(), INVALID);
  }
  find(CORE);
  works(lib);
});

test('a stack or a memory that ends while a part is loaded is a fault, and no matter of the bytes', () => {
  const { Instance, Table } = WebAssembly;
  const { set } = Table.prototype;
  function fails() {
    throw new RangeError('none left');
  }
  for (const [part, begin] of [
    ['front', () => (Table.prototype.set = fails)],
    ['front', () => (WebAssembly.Instance = fails)],
    ['rest', () => (WebAssembly.Instance = fails)],
  ]) {
    const { lib } = install();
    const sanitizer = part === 'rest' ? new lib.HtmlSanitizer() : undefined;
    const ask = () => (sanitizer ?? new lib.HtmlSanitizer()).sanitize(international);
    begin();
    try {
      for (let round = 0; round < 2; round++) assert.throws(ask, { code: 'ERR_ENGINE_FAULT' });
    } finally {
      WebAssembly.Instance = Instance;
      Table.prototype.set = set;
    }
    works(lib, sanitizer);
  }
});

test('a policy that forbids a part is named', () => {
  const { Module } = WebAssembly;
  const { lib } = install();
  const sanitizer = new lib.HtmlSanitizer();
  assert.equal(sanitizer.sanitize(dirty), clean);
  WebAssembly.Module = function () {
    throw new WebAssembly.CompileError("'unsafe-eval' is not allowed by the Content Security Policy");
  };
  WebAssembly.Module.prototype = Module.prototype;
  try {
    for (let round = 0; round < 2; round++) {
      const ask = () => sanitizer.sanitize(international);
      assert.throws(ask, { code: 'ERR_WASM_BLOCKED_BY_CSP' });
      assert.equal(sanitizer.sanitize(dirty), clean);
    }
  } finally {
    WebAssembly.Module = Module;
  }
  works(lib, sanitizer);
});

test('a call that comes while init compiles starts the engine, and init changes nothing', async () => {
  const { lib } = install();
  const started = lib.init();
  const bucket = new lib.TokenBucket(config);
  assert.ok(bucket.consumeTokens());
  await Promise.all([started, lib.init()]);
  assert.ok(!bucket.consumeTokens());
  works(lib);
});

test('CommonJS outside Node has its parts from scripts, and says if one is damaged', () => {
  const [whole, damaged] = [install('inline.cjs'), install('inline.cjs')];
  for (const { lose } of [whole, damaged]) lose(CORE);
  works(whole.lib);
  damaged.damage('bytes.2.cjs');
  assert.throws(() => new damaged.lib.TokenBucket(config), INVALID);
  assert.equal(new damaged.lib.HtmlSanitizer().sanitize(dirty), clean);
});

test('two packages side by side share nothing', () => {
  const [one, two] = [install(), install()];
  const bucket = new one.lib.TokenBucket(config);
  assert.ok(bucket.consumeTokens());
  two.lose(CORE, ...FURTHER);
  isRefused(two.lib, new two.lib.HtmlSanitizer());
  assert.ok(!bucket.consumeTokens());
  works(one.lib);
});

test('a compiled module and a view of its bytes are whole in another thread', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const lib = require(workerData.entry);
    lib.init(workerData.core).then(() => {
      const bucket = new lib.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 60_000 });
      const html = new lib.HtmlSanitizer().sanitize(workerData.html);
      parentPort.postMessage([bucket.consumeTokens(), bucket.consumeTokens(), html]);
    });`;
  const around = Buffer.concat([Buffer.of(0), whole]);
  for (const core of [
    await WebAssembly.compile(whole),
    new DataView(around.buffer, around.byteOffset + 1, whole.length),
  ]) {
    const workerData = { entry: join(published, 'slim.cjs'), core, html: international };
    const worker = new Worker(source, { eval: true, workerData });
    const answer = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    assert.deepEqual(answer, [true, false, international]);
  }
});
