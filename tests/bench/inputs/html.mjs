/** What is measured: a hostile message, and documents such as a model writes. */

/** A chat message of 105 bytes. */
export const message =
  '<p>Hello <b>world</b>, see <a href="https://example.com/docs">this</a><img src=x onerror="alert(1)"></p>!';

const section = (n) => `<h2 id="part-${n}">Part ${n}: what it does &amp; why</h2>
<p>The <strong>limiter</strong> answers in <code>O(1)</code>; see <a href="https://example.com/part/${n}?a=1&amp;b=2" title="Part ${n}">the
description</a> and <em>notes</em>. A value below 5 &lt; 10 is fine, and so is &quot;quoted&quot; text.</p>
<ul>
<li>first point with a <kbd>Ctrl</kbd></li>
<li>second point <span class="hint" onclick="steal()">hint</span></li>
</ul>
<pre><code class="language-ts">const bucket = new TokenBucket({ capacity: ${n}, refillRate: 1 });
if (!bucket.consumeTokens()) await delay(1_000);
</code></pre>
<table><thead><tr><th>name</th><th align="right">value</th></tr></thead>
<tbody><tr><td>alpha</td><td align="right">${n}</td></tr><tr><td>beta</td><td align="right">${n * 2}</td></tr></tbody></table>
<blockquote><p>Quoted, with an image <img src="images/p${n}.png" alt="p"> and a break<br>here.</p></blockquote>
<script>steal(${n})</script>
`;

/** A document of about so many bytes, whole sections only. */
export function documentOf(bytes) {
  let html = '';
  for (let n = 1; html.length < bytes; n++) html += section(n);
  return html;
}

/** The sizes that everybody is measured at. */
export const SIZES = {
  '105 B': message,
  '4 KB': documentOf(4_000),
  '100 KB': documentOf(100_000),
};

/** 100 KB in which nothing can be markup. */
export const unchanged = 'Words without anything to change, line after line.\n'.repeat(2_000);

const repeat = (piece) => (bytes) => piece.repeat(bytes / piece.length);
const count = (bytes, length, piece) => Array.from({ length: bytes / length }, (_, n) => piece(n)).join('');

/** Inputs that cost some parsers more than their size explains: each answers about so many bytes. */
export const HARD = {
  'nested tags': repeat('<div>'),
  'opening brackets': repeat('<'),
  'attributes of one element': (bytes) => `<b ${count(bytes, 10, (n) => `a${n}=1 `)}>`,
  'many long attributes': (bytes) => count(bytes, 100, (n) => `<b title="${'x'.repeat(80)}" a${n}=1>x</b>`),
  'unclosed formatting': repeat('<b><i><u><p>x'),
  'unclosed formatting, all different': (bytes) => count(bytes, 14, (n) => `<font color=${n}>x`),
  'formatting that multiplies': (bytes) =>
    `<p>${count(4_000, 10, (n) => `<b a=${n}>`)}</p>${'<p>x</p>'.repeat(bytes / 8)}`,
  'misnested formatting': repeat('<a><p></a><b></p><i></b>'),
  'nested tables': repeat('<table><tr><td>'),
  'text in tables': repeat('<table>x'),
  'rows without a table': repeat('<table><b><tr><i>x'),
  'nested lists': repeat('<ul><li>'),
  select: repeat('<select><option><optgroup>x'),
  'end tags that fit nothing': (bytes) => '<div>'.repeat(500) + '</p></x></b>'.repeat(bytes / 12),
  'named references': repeat('&CounterClockwiseContourIntegral;'),
  'references that are none': repeat('&CounterClockwiseContourIntegra'),
  ampersands: repeat('&'),
  'numbers without an end': (bytes) => `&#${'9'.repeat(bytes)}`,
  comments: repeat('<!-- x -->'),
  'a comment without an end': (bytes) => `<!--${'-'.repeat(bytes)}`,
  'beginnings of comments': repeat('<!--'),
  'beginnings of tags': repeat('<a b="'),
  'a script without an end': (bytes) => `<script>${'</scrip'.repeat(bytes / 7)}`,
  'scripts in comments': repeat('<script><!--<script>'),
  'raw text': repeat('<textarea></textarea><style></style>'),
  'text areas without an end': repeat('<textarea></'),
  drawings: repeat('<svg><g>'),
  templates: repeat('<template>'),
  'integration points': repeat('<svg><desc><math><mi>'),
  styles: (bytes) => `<b style="${'color:red;'.repeat(bytes / 10)}">`,
  'sets of images': (bytes) => `<img srcset="${'a 1x,'.repeat(bytes / 5)}">`,
  'long URL': (bytes) => `<a href="https://e.example/${'%2e%2e/'.repeat(bytes / 7)}">`,
};
