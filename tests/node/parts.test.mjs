/** The core's parts: most first messages compile the front alone, and the others come when something of theirs is called. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const sizes = [];
WebAssembly.Module = class extends WebAssembly.Module {
  constructor(bytes) {
    super(bytes);
    sizes.push(bytes.length);
  }
};

const require = createRequire(import.meta.url);
const lib = require('../../pkg/index.cjs');

const MEANT = [
  'Hello <b>world</b><img src=x onerror=alert(1)>',
  'plain & simple, é 漢字 😀',
  '<p>see <a href="https://example.com/x?y=1#z" title="t">x</a> and <code>a &lt; b</code></p>',
  '<ul><li>1</li><li>2</li></ul><table><tbody><tr><td>1</td></tr></tbody></table>',
];

const OTHERS = [
  '<table><tr><td>1</table><p><ul><li>2<svg><path d="M0 0">',
  '<img src="data:image/png;base64,AAAA"><input type=checkbox disabled><script>alert(1)</script>',
  '<h1 id="x" style="color: red">x</h1><img srcset="a 1x, b 2x"><svg><path fill="url(#a)"></svg>',
  '<pre class="language-rust"><code>fn main() {}</code></pre><!-- gone -->',
  '<a href="/docs/a.html">x</a><a href="https://münchen.example/">y</a>',
];

test('messages that are written as they are meant are cleaned by the front alone', () => {
  const sanitizer = new lib.HtmlSanitizer();
  for (const message of MEANT) assert.doesNotMatch(sanitizer.sanitize(message), /onerror/);
  assert.equal(sizes.length, 1);
});

test('any message and any profile needs no more than the first two parts', () => {
  for (const profile of ['strict', 'chat', 'markdown', 'webview', 'svg']) {
    const sanitizer = new lib.HtmlSanitizer({ profile });
    for (const message of [...MEANT, ...OTHERS])
      assert.doesNotMatch(sanitizer.sanitize(message), /onerror|<script|gone/);
  }
  assert.equal(sizes.length, 2);
});

test('whatever else is called has the rest', () => {
  const { removed } = new lib.HtmlSanitizer().inspect('<b>x</b><script>y</script>');
  assert.equal(removed.length, 1);
  assert.equal(sizes.length, 3);
});

test('each part is compiled once, and the first ones are small', () => {
  assert.ok(new lib.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 1 }).consumeTokens());
  assert.equal(lib.maskPersonalData('mail ada@example.com'), 'mail [EMAIL]');
  assert.equal(sizes.length, 3);
  assert.ok(sizes[0] < 200_000 && sizes[0] < sizes[1] && sizes[1] < sizes[2], `${sizes}`);
});

/** Calls that read many constants, each in words for a process of its own. */
const CALLS = [
  `new lib.HtmlSanitizer().sanitize('<a href="/x y">&nGt;&eacute;&#x80;</a><a href="https://bücher.example/">z</a>')`,
  `new lib.HtmlSanitizer().sanitize('<table><p>x<b><svg><circle r=1 xlink:href="#a"><script>y')`,
  `new lib.HtmlSanitizer({ profile: 'svg' }).inspect('<svg viewbox="0 0 1 1"><animate attributename=x><b>y')`,
  `lib.htmlToText('<p>one<li>two &amp; <b>three')`,
  `new lib.ThreatDetector().detectThreats("x' or 1=1; drop table y --", { scope: 'user_input' })`,
  `new lib.ThreatDetector().detectThreats('<script>y</script> $(rm -rf /) {{7*7}}', { scope: 'message' })`,
  `lib.maskPersonalData('call +49 30 901820 or mail ada@example.com, iban DE89370400440532013000')`,
  `lib.revealInvisible('a\\u202eb\\u200b\\u{e0041}')`,
  `lib.stripTerminalEscapes('\\x1b[31mred\\x1b]0;x\\x07')`,
  `new lib.TokenBucket({ capacity: 2, refillRate: 1, refillInterval: 60_000 }).consumeTokens()`,
];

test('each part has the constants that it reads, whichever is called first', () => {
  const entry = JSON.stringify(require.resolve('../../pkg/index.cjs'));
  for (const call of CALLS) {
    const script = `const lib = require(${entry}); console.log(JSON.stringify(${call}))`;
    const first = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    const later = JSON.stringify(new Function('lib', `return ${call}`)(lib));
    assert.equal(first.trim(), later);
    assert.ok(later.length > 3, later);
  }
});
