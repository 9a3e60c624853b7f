/** The standard's configuration against the browser's own `setHTML`. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { path } from '../../js/scripts/run.mjs';
import { launch } from './chromium.mjs';
import { cases } from './html-cases.mjs';
import { serve } from './server.mjs';

const GENERATED = 5_000;
// The browser cleans while it parses: where it leaves an element out, what follows is parsed without it.
const WANTED = 0.98;
let browser;
let server;
let page;
let lib;

before(async () => {
  lib = await import('../../pkg/node.mjs');
  server = await serve({
    pages: { '/': () => ({ type: 'text/html', body: '<!doctype html><body></body>' }) },
  });
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.addScriptTag({ path: path('tests', 'browser', 'html-standard-page.js') });
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** Ours, or 'refused'. */
function ours(html, sanitizer) {
  try {
    const one = new lib.HtmlSanitizer({ sanitizer });
    try {
      return one.sanitize(html);
    } finally {
      one.dispose();
    }
  } catch (error) {
    if (error.code !== 'ERR_CONFIG_INVALID') throw error;
    return undefined;
  }
}

async function agreement(t, pairs) {
  const rows = pairs.map(([html, config]) => [html, config, ours(html, config)]);
  let equal = 0;
  const different = [];
  for (let at = 0; at < rows.length; at += 1_000) {
    for (const difference of await page.evaluate(
      (rows) => globalThis.agree(rows),
      rows.slice(at, at + 1_000),
    )) {
      different.push(difference);
    }
  }
  equal = rows.length - different.length;
  t.diagnostic(`${equal} of ${rows.length} equal`);
  for (const { html, config, native, mine } of different.slice(0, Number(process.env.SHOW ?? 3)))
    t.diagnostic(`${JSON.stringify(html)} ${JSON.stringify(config)}\n  native ${native}\n  ours   ${mine}`);
  assert.ok(equal >= rows.length * WANTED, `${equal} of ${rows.length} are equal`);
}

test('the default configuration gives the browser’s tree', async (t) => {
  const at = path('..', 'shared', 'corpora', 'html.json');
  const corpus = existsSync(at) ? JSON.parse(readFileSync(at, 'utf8')).map(({ input }) => input) : [];
  await agreement(
    t,
    [...corpus, ...cases].map((html) => [html, 'default']),
  );
});

test('generated configurations give the browser’s tree, or both refuse', async (t) => {
  const random = generator(20_261_120);
  await agreement(
    t,
    Array.from({ length: GENERATED }, () => [markup(random), configuration(random)]),
  );
});

/** A small generator of the same numbers each time (mulberry32). */
function generator(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance: (p) => next() < p,
    pick: (list) => list[Math.floor(next() * list.length)],
    some: (list, p) => list.filter(() => next() < p),
    count: (most) => Math.floor(next() * (most + 1)),
  };
}

const ELEMENTS = [
  'p',
  'div',
  'span',
  'b',
  'i',
  'a',
  'ul',
  'li',
  'table',
  'tr',
  'td',
  'h1',
  'code',
  'img',
  'br',
  'script',
  'iframe',
  'x-custom',
  'section',
  'button',
  'input',
  'form',
  'base',
  'details',
];
const ATTRIBUTES = ['id', 'class', 'title', 'href', 'onclick', 'data-x', 'style', 'src', 'lang', 'action'];
const VALUES = ['x', '', 'javascript:alert(1)', ' JAVASCRIPT:x', 'https://e.example/', '#y', '1'];
const SVG = 'http://www.w3.org/2000/svg';

function markup(random, depth = 0) {
  let html = '';
  for (let n = random.count(4); n >= 0; n--) {
    if (depth > 3 || random.chance(0.4))
      html += random.pick(['text', ' ', '&lt;', '<!-- note -->', '<br>', '<?pi x?>']);
    else {
      const name = random.pick(ELEMENTS);
      const attributes = random.some(ATTRIBUTES, 0.2).map((key) => ` ${key}="${random.pick(VALUES)}"`);
      const inner = ['img', 'br', 'input', 'base'].includes(name) ? undefined : markup(random, depth + 1);
      html += `<${name}${attributes.join('')}>${inner === undefined ? '' : `${inner}</${name}>`}`;
    }
    if (random.chance(0.05))
      html += `<svg><g id=a onclick=b><path d="M0"></path></g><a href="${random.pick(VALUES)}"></a></svg>`;
  }
  return html;
}

function configuration(random) {
  const name = (value, namespace) => {
    if (random.chance(0.7)) return value;
    return random.chance(0.5) ? { name: value } : { name: value, namespace };
  };
  const html = 'http://www.w3.org/1999/xhtml';
  const elements = (p) =>
    random.some(ELEMENTS, p).map((value) => name(value, random.chance(0.9) ? html : SVG));
  const attributes = (p) => random.some(ATTRIBUTES, p).map((value) => name(value, null));
  const config = {};
  if (random.chance(0.5)) {
    config.elements = elements(0.5).map((value) => {
      if (random.chance(0.7)) return value;
      const entry = typeof value === 'string' ? { name: value } : value;
      if (random.chance(0.6)) entry.attributes = attributes(0.15);
      if (random.chance(0.3)) entry.removeAttributes = attributes(0.15);
      return entry;
    });
    if (random.chance(0.3))
      config.elements.push({ name: 'svg', namespace: SVG }, { name: 'g', namespace: SVG });
  }
  if (random.chance(config.elements ? 0.03 : 0.5)) config.removeElements = elements(0.2);
  if (random.chance(0.3)) config.replaceWithChildrenElements = elements(0.1);
  if (random.chance(0.5)) config.attributes = attributes(0.4);
  if (random.chance(config.attributes ? 0.03 : 0.4)) config.removeAttributes = attributes(0.3);
  if (random.chance(0.4)) config.comments = random.chance(0.5);
  if (random.chance(config.attributes ? 0.4 : 0.04)) config.dataAttributes = random.chance(0.5);
  if (random.chance(0.1)) config.processingInstructions = random.some(['pi', 'xml'], 0.3);
  if (random.chance(0.05)) config.removeProcessingInstructions = random.some(['pi', 'xml'], 0.5);
  return config;
}
