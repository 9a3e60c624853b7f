/** The suite in Chromium: in a page under the policy of a webview, and in a worker. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { suites } from '../suite/all.mjs';
import { countTests } from '../suite/harness.mjs';
import { launch, resultOf } from './chromium.mjs';
import { serve, webviewPage } from './server.mjs';

const WORKER = '/tests/browser/worker.mjs';
let browser;
let server;

before(async () => {
  server = await serve({
    folder: path(),
    pages: {
      '/page': () => webviewPage('/tests/browser/page.mjs'),
      '/worker': () => webviewPage('/tests/browser/worker-page.mjs', { more: "; worker-src 'self'" }),
    },
    // A worker has the policy of its own script, and its imports carry no nonce.
    headersOf: (pathname) =>
      pathname === WORKER
        ? { 'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" }
        : {},
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

for (const host of ['page', 'worker']) {
  test(`the suite passes in a ${host}`, async (t) => {
    const { result, complaints } = await resultOf(browser, `${server.url}/${host}`, { timeout: 300_000 });
    for (const { name, error } of result) {
      await t.test(name, () => {
        if (error) throw new Error(error);
      });
    }
    assert.equal(result.length, countTests(suites), 'every test that the suite registers has a result');
    assert.deepEqual(complaints, []);
  });
}
