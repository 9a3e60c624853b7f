/** Sanitizing, against what people use in Node today. */
import createDOMPurify from 'dompurify';
import { JSDOM } from 'jsdom';
import sanitizeHtml from 'sanitize-html';
import { FilterXSS } from 'xss';
import { documentOf, HARD, SIZES, unchanged } from './inputs/html.mjs';

const NODE_SIZES = {
  ...SIZES,
  // One formatting element out of place in each section: no straight way through, a tree decides.
  '100 KB out of order': documentOf(100_000).replaceAll('</p>', '</b></p>'),
};

export default ({ HtmlSanitizer }) => {
  const ours = new HtmlSanitizer({ profile: 'chat' });
  const dompurify = createDOMPurify(new JSDOM('').window);
  const xss = new FilterXSS();
  return [
    ...Object.entries(NODE_SIZES).map(([size, html]) => ({
      name: `html: sanitize ${size}`,
      bytes: html.length,
      contenders: {
        'vespera-security': () => ours.sanitize(html),
        'dompurify + jsdom': () => dompurify.sanitize(html),
        'sanitize-html': () => sanitizeHtml(html),
        xss: () => xss.process(html),
      },
      goals: {
        'dompurify + jsdom': { atLeast: 15 },
        'sanitize-html': { atLeast: 1.2 },
        xss: { atLeast: size === '105 B' ? 0.4 : 0.6 },
      },
    })),
    {
      name: 'html: text that needs no change, 100 KB',
      bytes: unchanged.length,
      contenders: { 'vespera-security': () => ours.sanitize(unchanged) },
      goals: { 'vespera-security': { atMost: unchanged.length / 300e3 } },
    },
    ...Object.entries(HARD).map(([name, make]) => {
      const [large, small] = [make(1_000_000), make(100_000)];
      return {
        name: `html: ten times the input, ${name}`,
        rounds: 5,
        contenders: { '1 MB': () => ours.sanitize(large), '100 KB': () => ours.sanitize(small) },
        goals: { '100 KB': { atLeast: 1 / 12 } },
      };
    }),
  ];
};
