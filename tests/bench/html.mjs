/** Sanitizing, against what people use in Node today. */
import createDOMPurify from 'dompurify';
import { JSDOM } from 'jsdom';
import sanitizeHtml from 'sanitize-html';
import { FilterXSS } from 'xss';

const MESSAGE =
  '<p>Hello <b>world</b>, see <a href="https://example.org/">this</a></p><img src=x onerror=alert(1)><i>b</i>';
const PARAGRAPH = `<h2>Release notes</h2><p>The <em>parser</em> takes <code>let x = 1 &lt; 2;</code> as it is.
See <a href="https://example.org/a?b=1&amp;c=2" title="more">the page</a>.</p><ul><li>one</li><li>two</li></ul>
<script>track()</script><p onclick="run()">and <strong>on</strong> it goes</p>\n`;

/** Each size as real documents have it: text, lists, links, and something hostile in every paragraph. */
const SIZES = {
  [`${MESSAGE.length} B`]: MESSAGE,
  '4 KB': PARAGRAPH.repeat(Math.round(4_000 / PARAGRAPH.length)),
  '100 KB': PARAGRAPH.repeat(Math.round(100_000 / PARAGRAPH.length)),
};

export default ({ HtmlSanitizer }) => {
  const ours = new HtmlSanitizer({ profile: 'chat' });
  const dompurify = createDOMPurify(new JSDOM('').window);
  const xss = new FilterXSS();
  return Object.entries(SIZES).map(([size, html]) => ({
    name: `html: sanitize ${size}`,
    bytes: html.length,
    contenders: {
      'vespera-security': () => ours.sanitize(html),
      'dompurify + jsdom': () => dompurify.sanitize(html),
      'sanitize-html': () => sanitizeHtml(html),
      xss: () => xss.process(html),
    },
    goals: { 'dompurify + jsdom': { atLeast: 15 } },
  }));
};
