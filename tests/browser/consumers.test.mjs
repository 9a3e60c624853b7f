/** The tarball in bundles for webviews and pages, opened in Chromium. The projects are in tests/package/. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { application, bundle, copies } from '../package/bundle.mjs';
import { install } from '../package/tarball.mjs';
import { launch, resultOf } from './chromium.mjs';
import { serve, webviewPage } from './server.mjs';

const ANSWERS = [true, true, true, true, true, false];
const CLEAN = '<p>hi</p>';
const { at, remove } = install([
  'esbuild-webview',
  'webview-without-wasm',
  'webview-errors-only',
  'vite',
  'vite-slim',
]);
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  remove();
});

test('esbuild-webview: one script, one directive', async () => {
  const { result, complaints } = await webview('esbuild-webview', {});
  assert.deepEqual(result, { answers: ANSWERS, clean: CLEAN });
  assert.deepEqual(complaints, []);
});

test('webview-without-wasm: the error names the directive to add', async () => {
  const { result } = await webview('webview-without-wasm', { allowWasm: false });
  for (const moment of ['early', 'late']) {
    assert.equal(result[moment].code, 'ERR_WASM_BLOCKED_BY_CSP');
    assert.match(result[moment].message, /'wasm-unsafe-eval' to script-src/);
  }
});

test('webview-errors-only: errors are known without the module', async () => {
  const { result, complaints } = await webview('webview-errors-only', { allowWasm: false, modules: 0 });
  assert.deepEqual(result, { name: 'VesperaConfigurationError', code: 'ERR_CONFIG_INVALID', known: true });
  assert.deepEqual(complaints, []);
});

test('vite: the bytes are there once', async () => {
  const { result, complaints, files } = await built('vite');
  assert.deepEqual(result, { answers: ANSWERS, clean: CLEAN, oneClass: true });
  assert.deepEqual(complaints, []);
  assert.equal(sum(files.map(copies)), 1);
});

test('vite-slim: the bytes are a file that is streamed', async () => {
  const { result, complaints, files } = await built('vite-slim');
  assert.deepEqual(result, { before: 'ERR_ENGINE_NOT_READY', answers: ANSWERS });
  assert.deepEqual(complaints, []);
  assert.equal(files.filter((file) => file.endsWith('.wasm')).length, 1);
  assert.equal(sum(files.map(copies)), 1);
});

/** Bundles `<name>/webview.js` and runs it as the only script of a page under the policy of a webview. */
async function webview(name, { modules = 1, ...policy }) {
  const script = at(name, 'webview.bundle.js');
  await bundle(at(name, 'webview.js'), script, { format: 'iife', platform: 'browser', minify: true });
  assert.equal(copies(script), modules);
  const pages = { '/': () => webviewPage('/webview.bundle.js', { type: 'text/javascript', ...policy }) };
  return visit({ folder: at(name), pages });
}

/** Builds `<name>` with Vite and opens the result under a policy without `eval`. */
async function built(name) {
  const folder = at(name, 'dist');
  const files = await application(at(name), folder);
  const page = {
    type: 'text/html',
    headers: {
      'content-security-policy':
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    },
    body: readFileSync(at(name, 'dist', 'index.html'), 'utf8'),
  };
  return { files, ...(await visit({ folder, pages: { '/': () => page } })) };
}

async function visit(site) {
  const server = await serve(site);
  try {
    return await resultOf(browser, server.url);
  } finally {
    await server.close();
  }
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
