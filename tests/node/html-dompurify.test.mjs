/** The DOMPurify entry against DOMPurify itself, without a configuration and with each of its options. */
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

/** Markup in which every option has something to decide. */
const TELLING = [
  '<p id="a" class="b" title="c" data-x="1" aria-label="l" style="color:red">t <b>b</b><i>i</i></p>',
  '<a href="https://e.example/">1</a><a href="ftp://e.example">2</a><a href="foo:bar">3</a><a href="/rel">4</a>',
  '<a href="data:text/html,x">1</a><img src="data:image/png;base64,AA==" alt="x"><video src="data:video/mp4,x"></video>',
  'a {{ b }} c <% d %> e ${ f } <b title="{{x}} y">k</b>',
  '<svg><circle r="1"></circle><filter id="f"><feBlend in="a"></feBlend></filter></svg><math><mi>x</mi></math>',
  '<form name="cookie" id="attributes"><input name="submit" id="ok"></form><img name="getElementById">',
  '<x-foo bar="1" onclick="x" baz="2">c</x-foo><y-bar>d</y-bar><button is="x-foo">e</button>',
  '<script>s()</script><style>a{}</style><iframe>f</iframe><textarea>g</textarea><noscript>h</noscript>',
  '<ul><li>a</li></ul><strange>u<b>v</b></strange>text<!-- c --><b title="-->">x</b><p title="</style>">y</p>',
  '<style>x</style>lead<link rel=x><b>z</b>',
  '<a href="https://e.example" target="_blank" foo="bar" xlink:href="x">q</a><details open>s</details>',
];

const OPTIONS = [
  ...[['b', 'p'], [], ['#text'], ['P', 'B']].map((tags) => ({ ALLOWED_TAGS: tags })),
  ...[['b'], ['b', '#text']].map((tags) => ({ ALLOWED_TAGS: tags, KEEP_CONTENT: false })),
  ...[['title'], [], ['TITLE', 'href']].map((attributes) => ({ ALLOWED_ATTR: attributes })),
  { ADD_TAGS: ['x-foo', 'strange'] },
  { ADD_ATTR: ['foo', 'target'] },
  { ALLOWED_TAGS: ['b'], ADD_TAGS: ['i'], ALLOWED_ATTR: ['title'], ADD_ATTR: ['class'] },
  ...[['p', 'ul'], ['#text'], ['B']].map((tags) => ({ FORBID_TAGS: tags })),
  { FORBID_TAGS: ['style', 'a'], KEEP_CONTENT: false },
  { ADD_TAGS: ['b'], FORBID_TAGS: ['b'], ADD_ATTR: ['style'], FORBID_ATTR: ['style', 'href'] },
  ...[['p'], ['strange'], []].map((tags) => ({ FORBID_CONTENTS: tags })),
  { ADD_FORBID_CONTENTS: ['strange', 'p'], FORBID_TAGS: ['p'] },
  ...[{ html: true }, { svg: true }, { svg: true, svgFilters: true }, { mathMl: true }, {}, false].map(
    (profiles) => ({ USE_PROFILES: profiles }),
  ),
  { ALLOW_DATA_ATTR: false },
  { ALLOW_ARIA_ATTR: false },
  ...[/^https:/i, /^(?:foo|ftp):/].map((expression) => ({ ALLOWED_URI_REGEXP: expression })),
  { ALLOW_UNKNOWN_PROTOCOLS: true },
  { ADD_URI_SAFE_ATTR: ['href'] },
  ...[['a'], ['video']].map((tags) => ({ ADD_DATA_URI_TAGS: tags })),
  { KEEP_CONTENT: false },
  { SAFE_FOR_TEMPLATES: true },
  { SAFE_FOR_XML: false },
  { SANITIZE_DOM: false },
  { SANITIZE_NAMED_PROPS: true },
  ...[{}, { attributeNameCheck: /ba/ }].map((more) => ({
    CUSTOM_ELEMENT_HANDLING: { tagNameCheck: /^x-/, ...more },
  })),
  {
    CUSTOM_ELEMENT_HANDLING: {
      tagNameCheck: /^x-/,
      attributeNameCheck: /ba/,
      allowCustomizedBuiltInElements: true,
    },
  },
  { FORCE_BODY: true },
  { RETURN_TRUSTED_TYPE: true },
  { RETURN_DOM: false, IN_PLACE: false, WHOLE_DOCUMENT: false, ALLOW_SELF_CLOSE_IN_ATTR: true },
  null,
];

/** A tree as text: attributes in order, and without the empty `is` that DOMPurify cannot take out. */
function tree(html) {
  template.innerHTML = html;
  const write = (node) =>
    node.nodeType === 3
      ? JSON.stringify(node.data)
      : `<${[
          node.localName,
          ...[...node.attributes]
            .map(({ name, value }) => `${name}=${value}`)
            .filter((it) => it !== 'is=')
            .sort(),
        ].join(' ')}>${[...node.childNodes].map(write).join('')}</>`;
  return [...template.content.childNodes].map(write).join('');
}

test('every option does what DOMPurify’s does', (t) => {
  const different = [];
  for (const options of OPTIONS) {
    for (const input of TELLING) {
      const [mine, other] = [ours, theirs].map((it) => tree(it.sanitize(input, options)));
      if (mine !== other) different.push({ options, mine, other });
    }
  }
  t.diagnostic(`${OPTIONS.length} configurations`);
  assert.deepEqual(different, []);
});

test('a configuration that stands is used by every call, until it is taken back', () => {
  for (const purify of [ours, theirs]) {
    purify.setConfig({ ALLOWED_TAGS: ['i'] });
    assert.equal(purify.sanitize('<b>x</b><i>y</i>', { ALLOWED_TAGS: ['b'] }), 'x<i>y</i>');
    purify.clearConfig();
    assert.equal(purify.sanitize('<b>x</b>'), '<b>x</b>');
    purify.setConfig(null);
    assert.equal(purify.sanitize('<b>x</b>', { ALLOWED_TAGS: [] }), '<b>x</b>');
    purify.clearConfig();
  }
});

test('what is not supported is refused with the alternative, and what is unknown by its name', () => {
  const refused = (config, code, words) =>
    assert.throws(() => ours.sanitize('x', config), { code, message: words });
  for (const name of [
    'WHOLE_DOCUMENT',
    'RETURN_DOM',
    'RETURN_DOM_FRAGMENT',
    'IN_PLACE',
    'ALLOWED_NAMESPACES',
  ])
    refused(
      { [name]: true },
      'ERR_CONFIG_UNSUPPORTED',
      new RegExp(`${name} needs a DOM or another parser: .+`),
    );
  refused({ ALLOW_SELF_CLOSE_IN_ATTR: false }, 'ERR_CONFIG_UNSUPPORTED', /quotes/);
  refused({ ADD_TAGS: () => true }, 'ERR_CONFIG_UNSUPPORTED', /list the names/);
  refused({ CUSTOM_ELEMENT_HANDLING: { tagNameCheck: () => true } }, 'ERR_CONFIG_UNSUPPORTED', /RegExp/);
  refused({ ALLOWED_URI_REGEXP: /^(?!javascript)/ }, 'ERR_CONFIG_UNSUPPORTED', /linear time/);
  refused({ ALLOW_TAGS: ['b'] }, 'ERR_CONFIG_INVALID', /ALLOW_TAGS/);
  refused({ MAX_BYTES: 5 }, 'ERR_CONFIG_INVALID', /MAX_BYTES/);
  for (const config of ['b', 5, ['b']]) refused(config, 'ERR_CONFIG_INVALID', /must be an object/);
  assert.throws(() => ours.addHook('afterSanitizeAttributes', () => {}), { code: 'ERR_CONFIG_UNSUPPORTED' });
});
