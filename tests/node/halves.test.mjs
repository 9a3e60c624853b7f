/** The core's two halves: a first message compiles the front alone, and the rest comes when something of it is called. */
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

const MESSAGES = [
  'Hello <b>world</b><img src=x onerror=alert(1)>',
  'plain & simple, é 漢字 😀',
  '<a href="https://example.com/x?y=1#z" title="t">x</a>',
  '<table><tr><td>1</table><p><ul><li>2<svg><path d="M0 0">',
  '<img src="data:image/png;base64,AAAA"><input type=checkbox disabled><script>alert(1)</script>',
  '<h1 id="x" style="color: red">x</h1><img srcset="a 1x, b 2x"><svg><path fill="url(#a)"></svg>',
  '<pre class="language-rust"><code>fn main() {}</code></pre><!-- gone -->',
];

test('messages are cleaned by the front alone', () => {
  for (const profile of ['strict', 'chat', 'markdown', 'webview', 'svg']) {
    const sanitizer = new lib.HtmlSanitizer({ profile });
    for (const message of MESSAGES) assert.doesNotMatch(sanitizer.sanitize(message), /onerror|<script|gone/);
  }
  assert.equal(sizes.length, 1);
});

test('what the front needs of the rest is there when it is called', () => {
  const international = '<a href="https://münchen.example/">x</a>';
  assert.equal(new lib.HtmlSanitizer().sanitize(international), international);
  assert.equal(sizes.length, 2);
  assert.ok(sizes[0] < sizes[1], 'the front is the smaller half');
});

test('the rest is compiled once', () => {
  assert.ok(new lib.TokenBucket({ capacity: 1, refillRate: 1, refillInterval: 1 }).consumeTokens());
  assert.equal(lib.maskPersonalData('call me').text ?? 'call me', 'call me');
  assert.equal(sizes.length, 2);
});
