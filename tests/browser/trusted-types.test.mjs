/** Trusted Types in Chromium: both entries in one page that lists each policy once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { launch, resultOf } from './chromium.mjs';
import { serve, webviewPage } from './server.mjs';

const POLICY = "; require-trusted-types-for 'script'; trusted-types vespera-security dompurify";
let browser;
let server;

before(async () => {
  const page = () => webviewPage('/tests/browser/trusted-types-page.mjs', { more: POLICY });
  server = await serve({ folder: path(), pages: { '/page': page } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test('each entry has a policy of its own, and a second one is refused in words', async () => {
  const { result } = await resultOf(browser, `${server.url}/page`);
  assert.deepEqual(result, {
    text: 'TypeError',
    policy: '<b>x</b>',
    dompurify: ['<b>x</b>', '<b>x</b>'],
    second: 'ERR_CONFIG_INVALID',
    unlisted: 'ERR_CONFIG_INVALID',
    none: 'ERR_ARGUMENT_INVALID',
  });
});
