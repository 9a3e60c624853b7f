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
  // A refusal for a bound is an answer too.
  const bounded = (html) => {
    try {
      return ours.sanitize(html);
    } catch (error) {
      if (error.code !== 'ERR_INPUT_TOO_LARGE') throw error;
      return error;
    }
  };
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
        samples: {
          '1 MB at once': () => processorTime(() => bounded(large)),
          '100 KB ten times': () => processorTime(() => Array.from({ length: 10 }, () => bounded(small))),
        },
        // What does not fit the caches takes up to twice as long; what is quadratic, ten times.
        goals: { '100 KB ten times': { atLeast: 0.4 } },
      };
    }),
  ];
};

/** Milliseconds of processor time: one call has no batch that would even out what the machine does beside it. */
function processorTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
