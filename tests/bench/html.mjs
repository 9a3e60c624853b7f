/** Sanitizing, against what people use in Node today. */
import createDOMPurify from 'dompurify';
import { JSDOM } from 'jsdom';
import sanitizeHtml from 'sanitize-html';
import { FilterXSS } from 'xss';
import { documentOf, message } from './inputs/html.mjs';

const SIZES = {
  '105 B': message,
  '4 KB': documentOf(4_000),
  '100 KB': documentOf(100_000),
  // One formatting element out of place in each section: no straight way through, a tree decides.
  '100 KB out of order': documentOf(100_000).replaceAll('</p>', '</b></p>'),
};

/** Inputs that cost some parsers more than their size explains. */
const HARD = {
  'nested tags': (bytes) => '<div>'.repeat(bytes / 5),
  'opening brackets': (bytes) => '<'.repeat(bytes),
  'attributes of one element': (bytes) =>
    `<b ${Array.from({ length: bytes / 10 }, (_, n) => `a${n}=1`).join(' ')}>`,
};

export default ({ HtmlSanitizer }) => {
  const ours = new HtmlSanitizer({ profile: 'chat' });
  const dompurify = createDOMPurify(new JSDOM('').window);
  const xss = new FilterXSS();
  const text = 'Words without anything to change, line after line.\n'.repeat(2_000);
  return [
    ...Object.entries(SIZES).map(([size, html]) => ({
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
      bytes: text.length,
      contenders: { 'vespera-security': () => ours.sanitize(text) },
      goals: { 'vespera-security': { atMost: text.length / 300e3 } },
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
