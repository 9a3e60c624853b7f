/** The core's parts: most first messages compile the front alone, and the others come when something of theirs is called. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const sizes = [];
WebAssembly.Module = class extends WebAssembly.Module {
  constructor(bytes) {
    super(bytes);
    sizes.push(bytes.length);
  }
};

const lib = createRequire(import.meta.url)('../../pkg/index.cjs');

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
  assert.equal(lib.maskPersonalData('call me').text ?? 'call me', 'call me');
  assert.equal(sizes.length, 3);
  assert.ok(sizes[0] < 600_000 && sizes[1] < sizes[0] && sizes[0] < sizes[2], `${sizes}`);
});
