/** The sanitizer's output in a real browser: nothing runs, nothing is fetched, nothing else appears. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { launch } from './chromium.mjs';
import { cases } from './html-cases.mjs';
import { serve } from './server.mjs';

const PROFILES = JSON.parse(readFileSync(path('tests', 'vectors', 'html-profiles.json'), 'utf8'));
const BATCH = 500;
let browser;
let server;
let page;
let lib;
let leaks;

before(async () => {
  lib = await import('../../pkg/node.mjs');
  server = await serve({
    pages: { '/': () => ({ type: 'text/html', body: '<!doctype html><body></body>' }) },
  });
  browser = await launch();
  page = await browser.newPage();
  leaks = [];
  page.on('request', (request) => {
    // A relative image asks this server, which has none.
    if (!/^(data|blob|about):/.test(request.url()) && !request.url().startsWith(`${server.url}/`))
      leaks.push(request.url());
  });
  page.on('dialog', (dialog) => {
    leaks.push(`dialog ${dialog.type()}`);
    dialog.dismiss();
  });
  await page.goto(`${server.url}/`);
  await page.addScriptTag({ path: path('tests', 'browser', 'html-page.js') });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** The rows of a corpus, or none where the folder is not there. */
function corpus(file) {
  const at = path('..', 'shared', 'corpora', file);
  return existsSync(at) ? JSON.parse(readFileSync(at, 'utf8')) : [];
}

const markup = () => corpus('html.json');
const hostile = () => [
  ...cases,
  ...markup().map(({ input }) => input),
  ...corpus('attacks.json')
    .filter(({ type }) => /xss/i.test(type))
    .map(({ text }) => text),
];

for (const profile of Object.keys(PROFILES)) {
  test(`${profile}: nothing runs, wherever the output is put`, { timeout: 1_200_000 }, async (t) => {
    const sanitizer = new lib.HtmlSanitizer({ profile });
    const inputs = hostile();
    const outputs = [...new Set(inputs.map((input) => sanitizer.sanitize(input)))];
    let tried = 0;
    for (let at = 0; at < outputs.length; at += BATCH) {
      const batch = outputs.slice(at, at + BATCH);
      const { failures, readBack } = await page.evaluate(
        ([batch, allowed]) => globalThis.place(batch, allowed),
        [batch, PROFILES[profile]],
      );
      assert.deepEqual(failures, []);
      for (const [output, back] of readBack) {
        // The browser's own serialization loses the line feed that begins a `pre`.
        const settled = output.replace(/(<pre[^>]*>)\n\n/g, '$1');
        assert.equal(
          sanitizer.sanitize(back).replace(/(<pre[^>]*>)\n+/g, '$1'),
          settled.replace(/(<pre[^>]*>)\n+/g, '$1'),
        );
      }
      tried += batch.length;
    }
    await page.waitForTimeout(200);
    assert.deepEqual(leaks, []);
    t.diagnostic(
      `${inputs.length} inputs, ${tried} different outputs, in ${await page.evaluate('places.length')} places`,
    );
  });
}

test('the page notices what does run', async () => {
  const { failures } = await page.evaluate(
    ([batch, allowed]) => globalThis.place(batch, allowed),
    [
      [
        '<img src=x onerror="globalThis.ran(1)">',
        '<object></object>',
        '<a href="javascript:ran(1)">x</a>',
        '<input onfocus="ran(2)">',
        '<details open ontoggle="ran(3)">x</details>',
        '<b onanimationstart="ran(4)" style="animation: x 1ms">x</b><style>@keyframes x { from { color: red } }</style>',
      ],
      PROFILES.markdown,
    ],
  );
  for (const expected of [
    'div: <object>',
    'div: onerror in',
    'div: javascript:ran(1) in',
    'ran 2',
    /^ran later: .*1/,
    /^ran later: .*3/,
    /^ran later: .*4/,
  ]) {
    const matches = (failure) =>
      typeof expected === 'string' ? failure.startsWith(expected) : expected.test(failure);
    assert.ok(failures.some(matches), `${expected} is not among ${failures}`);
  }
});

test('harmless markup survives', async (t) => {
  const sanitizer = new lib.HtmlSanitizer({ profile: 'markdown' });
  const { elements, attributes, prefixes } = PROFILES.markdown;
  const rows = markup().filter(({ source }) => source === 'commonmark-html');
  const pairs = rows.map(({ input }) => [input, sanitizer.inspect(input)]);
  for (const [input, { removed }] of pairs) {
    for (const { kind, name, rule } of removed) {
      if (rule !== 'unlisted') continue;
      if (kind === 'element') assert.ok(!(name in elements), `${name} is allowed: ${input}`);
      const listed = attributes.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
      if (kind === 'attribute') assert.ok(!listed, `${name} is allowed: ${input}`);
    }
  }
  const differences = await page.evaluate(
    ([pairs, allowed]) => globalThis.compare(pairs, allowed),
    [pairs.map(([input, { html, removed }]) => [input, html, removed]), Object.keys(elements)],
  );
  assert.deepEqual(differences, []);
  t.diagnostic(`${pairs.length} documents`);
});
