/** The playground: one module per domain, each of which fills its own section. */
import * as lib from '/pkg/index.mjs';
import { breaker } from './breaker.js';
import { crypto } from './crypto.js';
import { byId, el, explain } from './dom.js';
import { html } from './html.js';
import { limit } from './limit.js';

const PANELS = { html, limit, breaker, crypto };
const status = byId('engine');

try {
  const started = performance.now();
  await lib.init();
  status.textContent = `The engine started in ${(performance.now() - started).toFixed(0)} ms.`;
  for (const [name, fill] of Object.entries(PANELS)) mount(name, fill);
} catch (error) {
  status.textContent = explain(error);
  status.classList.add('bad');
}
document.body.dataset.ready = 'true';

/** A section that fails says so in its own place and leaves the others alone. */
function mount(name, fill) {
  try {
    fill(lib);
  } catch (error) {
    byId(name).append(el('p', { className: 'outcome bad', role: 'alert' }, explain(error)));
  }
}
