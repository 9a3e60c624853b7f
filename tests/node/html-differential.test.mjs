/** Whatever DOMPurify and sanitize-html both drop, ours drops too: by kind of element, on the corpus. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';

const peers = path('tests', 'bench', 'node_modules');
const corpus = path('..', 'shared', 'corpora', 'html.json');
const skip = !existsSync(peers)
  ? 'the peers are not installed: run `npm run bench -- html` once'
  : !existsSync(corpus) && 'the corpus is not there';

test('nothing stays that both of the others drop', { skip }, async (t) => {
  const require = createRequire(path('tests', 'bench', 'package.json'));
  const { JSDOM } = require('jsdom');
  const sanitizeHtml = require('sanitize-html');
  const purify = require('dompurify')(new JSDOM('').window);
  const { HtmlSanitizer } = createRequire(import.meta.url)('../../pkg/index.cjs');
  const template = new JSDOM('').window.document.createElement('template');
  const kinds = (html) => {
    template.innerHTML = html;
    return new Set([...template.content.querySelectorAll('*')].map(({ localName }) => localName));
  };
  const rows = JSON.parse(readFileSync(corpus, 'utf8'));
  const sanitizers = ['chat', 'markdown', 'webview', 'svg'].map((profile) => new HtmlSanitizer({ profile }));
  const failures = [];
  for (const { input } of rows) {
    const before = kinds(input);
    if (before.size === 0) continue;
    const theirs = [kinds(purify.sanitize(input)), kinds(sanitizeHtml(input))];
    const dropped = [...before].filter((kind) => theirs.every((kept) => !kept.has(kind)));
    for (const sanitizer of sanitizers) {
      const kept = kinds(sanitizer.sanitize(input));
      for (const kind of dropped) if (kept.has(kind)) failures.push(`<${kind}> of ${input}`);
    }
  }
  assert.deepEqual(failures, []);
  t.diagnostic(`${rows.length} inputs`);
});
