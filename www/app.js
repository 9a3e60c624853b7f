/** The playground: one module per domain, each of which fills its own section. */
import * as lib from '/pkg/index.mjs';
import { breaker } from './breaker.js';
import { consent } from './consent.js';
import { crypto } from './crypto.js';
import { byId, el, explain } from './dom.js';
import { html } from './html.js';
import { limit } from './limit.js';
import { rules } from './rules.js';
import { threat } from './threat.js';

/** Each panel, with the section it stands in. */
const PANELS = [
  [html, 'html'],
  [threat, 'threat'],
  [limit, 'limit'],
  [rules, 'limit'],
  [breaker, 'breaker'],
  [crypto, 'crypto'],
  [consent, 'consent'],
];
const status = byId('engine');

try {
  const started = performance.now();
  await lib.init();
  status.textContent = `The engine started in ${(performance.now() - started).toFixed(0)} ms.`;
  for (const [fill, section] of PANELS) await mount(fill, section);
} catch (error) {
  status.textContent = explain(error);
  status.classList.add('bad');
}
document.body.dataset.ready = 'true';

/** A panel that fails says so in its own section and leaves the others alone. */
async function mount(fill, section) {
  try {
    await fill(lib);
  } catch (error) {
    byId(section).append(el('p', { className: 'outcome bad', role: 'alert' }, explain(error)));
  }
}
