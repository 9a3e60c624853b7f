/** Whatever DOMPurify and sanitize-html both drop, ours drops too: by kind of element. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';

/** Every element that a profile knows or that is dropped, in a few shapes; and the corpus where it is there. */
function inputs() {
  const profiles = JSON.parse(readFileSync(path('tests', 'vectors', 'html-profiles.json'), 'utf8'));
  const names = new Set(Object.values(profiles).flatMap(({ elements }) => Object.keys(elements)));
  for (const name of DANGEROUS) names.add(name);
  const shapes = [
    (name) => `<${name} id=x>y</${name}>`,
    (name) => `<table><tr><td><${name}>y</${name}></table>`,
    (name) => `<svg><${name} /></svg>`,
  ];
  const corpus = path('..', 'shared', 'corpora', 'html.json');
  return [
    ...[...names].flatMap((name) => shapes.map((shape) => shape(name))),
    ...(existsSync(corpus) ? JSON.parse(readFileSync(corpus, 'utf8')).map(({ input }) => input) : []),
  ];
}

const DANGEROUS =
  'animate applet base body embed foreignObject form frame head html iframe link math mi meta noscript object option plaintext script select set style template textarea title use video xmp'.split(
    ' ',
  );

test('nothing stays that both of the others drop', (t) => {
  // `npm test` installs them, as the benchmark does.
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
  const sanitizers = ['chat', 'markdown', 'webview', 'svg'].map((profile) => new HtmlSanitizer({ profile }));
  const failures = [];
  let tried = 0;
  for (const input of inputs()) {
    const before = kinds(input);
    if (before.size === 0) continue;
    tried += 1;
    const theirs = [kinds(purify.sanitize(input)), kinds(sanitizeHtml(input))];
    const dropped = [...before].filter((kind) => theirs.every((kept) => !kept.has(kind)));
    for (const sanitizer of sanitizers) {
      const kept = kinds(sanitizer.sanitize(input));
      for (const kind of dropped) if (kept.has(kind)) failures.push(`<${kind}> of ${input}`);
    }
  }
  assert.deepEqual(failures, []);
  t.diagnostic(`${tried} inputs with an element`);
});
