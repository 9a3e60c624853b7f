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
