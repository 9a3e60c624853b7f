/** In the page: takes one sample of one contender, milliseconds a call. */
import DOMPurify from '../node_modules/dompurify/dist/purify.es.mjs';
import { HtmlSanitizer } from '../../../pkg/index.mjs';

const SAMPLE_MS = 10;
const WARM_UP_MS = 600;

const ours = new HtmlSanitizer({ profile: 'chat' });
// Of a document that nobody sees: what is put into it loads nothing, which would be charged to the parser.
const { body } = document.implementation.createHTMLDocument('');
const contenders = {
  'vespera-security': (html) => ours.sanitize(html),
  dompurify: (html) => DOMPurify.sanitize(html),
  'native setHTML': (html) => body.setHTML(html),
  'vespera-security + innerHTML': (html) => (body.innerHTML = ours.sanitize(html)),
};
/** How many calls a sample of a contender takes, by its name and the length of the input. */
const batches = new Map();
let sink;

function time(work, html, calls) {
  const started = performance.now();
  for (let call = 0; call < calls; call++) sink = work(html);
  return performance.now() - started;
}

globalThis.sample = (name, html) => {
  const work = contenders[name];
  const key = `${name} ${html.length}`;
  if (!batches.has(key)) {
    let calls = 1;
    let took = 0;
    for (let spent = 0; spent < WARM_UP_MS; spent += took) {
      took = time(work, html, calls);
      if (took < SAMPLE_MS / 2) calls *= 2;
    }
    batches.set(key, Math.max(1, Math.round((SAMPLE_MS * calls) / took)));
  }
  const calls = batches.get(key);
  const took = time(work, html, calls) / calls;
  globalThis.last = sink;
  return took;
};
