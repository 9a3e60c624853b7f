/** Sanitizing in a page of Chromium, against what people use there and against the browser's own `setHTML`. */
import { path } from '../../js/scripts/run.mjs';
import { findChromium, HOW_TO_GET, launch } from '../browser/chromium.mjs';
import { serve } from '../browser/server.mjs';
import { SIZES, unchanged } from './inputs/html.mjs';

const GOALS = {
  dompurify: { atLeast: 6 },
  'native setHTML': { atLeast: 0.8 },
};

export default () => {
  const skipped = findChromium() ? undefined : HOW_TO_GET;
  const chromium = new Page();
  const group = (size, html, contenders, goals) => ({
    name: `html: in Chromium, ${size}`,
    bytes: html.length,
    skipped,
    samples: Object.fromEntries(contenders.map((name) => [name, () => chromium.sample(name, html)])),
    goals,
    close: () => chromium.close(),
  });
  const all = ['vespera-security', 'dompurify', 'native setHTML', 'vespera-security + innerHTML'];
  return [
    ...Object.entries(SIZES).map(([size, html]) => group(`sanitize ${size}`, html, all, GOALS)),
    group('text that needs no change, 100 KB', unchanged, all.slice(0, 2), {
      'vespera-security': { atMost: unchanged.length / 300e3 },
    }),
  ];
};

/** One page, opened for the first sample. */
class Page {
  #opened;

  async sample(name, html) {
    this.#opened ??= this.#open();
    const { page } = await this.#opened;
    return page.evaluate(([name, html]) => globalThis.sample(name, html), [name, html]);
  }

  async #open() {
    const server = await serve({
      folder: path(),
      pages: {
        '/': () => ({
          type: 'text/html',
          body: '<!doctype html><meta charset="utf-8"><script type="module" src="/tests/bench/inputs/html_page.mjs"></script>',
        }),
      },
    });
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(`${server.url}/`);
    await page.waitForFunction(() => globalThis.sample);
    return { browser, server, page };
  }

  async close() {
    const opened = await this.#opened;
    this.#opened = undefined;
    await opened?.browser.close();
    await opened?.server.close();
  }
}
