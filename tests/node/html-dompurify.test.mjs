/** The DOMPurify entry against DOMPurify itself, without a configuration. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';

const require = createRequire(path('tests', 'bench', 'package.json'));
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('');
const theirs = require('dompurify')(window);
const ours = createRequire(import.meta.url)('../../pkg/dompurify.cjs');
const template = window.document.createElement('template');

const rows = () => {
  const corpus = path('..', 'shared', 'corpora', 'html.json');
  return existsSync(corpus) ? JSON.parse(readFileSync(corpus, 'utf8')) : [];
};

const ORDINARY = [
  '<p>a <b>b</b> &amp; <i class="c">d</i></p>',
  '<a href="https://e.example/?a&amp;b" target="_blank" rel="noopener">x</a>',
  '<ul><li>a<li>b</ul><table><tr><td colspan=2>c</table>',
  '<img src="x.png" alt=" y " onerror="run()"><input value=" z " type=text disabled>',
  '<style>a{color:red}</style><b>x</b><style>b{color:red}</style>',
  '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><math><mi>x</mi></math>',
  '<h1 id="top">x</h1><form><button name="go">y</button></form>',
  '<a href="javascript:run()">x</a><a href="data:text/html,x">y</a><img src="data:image/png;base64,AA==">',
  '<script>run()</script><iframe src=x></iframe><object></object>plain',
  '<x-y>custom</x-y><custom>unknown</custom><!-- note -->',
];

/** The elements and attributes of markup, each as often as it is there. */
function parts(html) {
  template.innerHTML = html;
  return [...template.content.querySelectorAll('*')].flatMap((element) => [
    `<${element.localName}>`,
    ...[...element.attributes].map(({ name, value }) => `${element.localName} ${name}=${value}`),
  ]);
}

const normal = (html) => {
  template.innerHTML = html;
  return template.innerHTML;
};

test('ordinary markup comes out as DOMPurify has it', (t) => {
  const inputs = [
    ...ORDINARY,
    ...rows()
      .filter(({ source }) => source === 'commonmark-html')
      .map(({ input }) => input),
  ];
  const different = inputs.filter((input) => normal(ours.sanitize(input)) !== normal(theirs.sanitize(input)));
  t.diagnostic(`${inputs.length - different.length} of ${inputs.length} equal`);
  assert.deepEqual(different, []);
});

test('nothing stays that DOMPurify takes out', (t) => {
  const more = [];
  const inputs = [...ORDINARY, ...rows().map(({ input }) => input)];
  for (const input of inputs) {
    // DOMPurify parses a document: after a frameset it has no body, and attributes of `body` come to it.
    if (/<frameset/i.test(input)) continue;
    const theirParts = parts(theirs.sanitize(input));
    for (const part of parts(ours.sanitize(input)))
      if (!theirParts.includes(part)) more.push(`${part} of ${input}`);
  }
  t.diagnostic(`${inputs.length} inputs`);
  assert.deepEqual(more, []);
});
