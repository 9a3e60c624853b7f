/** Small helpers for the page. Text from outside becomes text nodes; only cleaned markup is ever parsed. */

export const byId = (id) => document.getElementById(id);

/** An element with properties, attributes (`data-`, `aria-`, `role`, `class`) and children. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  assign(element, properties);
  element.append(...children);
  return element;
}

/** The same for SVG, where everything is an attribute. */
export function svg(tag, attributes = {}) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function assign(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
}

/** Calls `frame` as often as the screen is drawn until it answers false; twice a second for who wants no motion. */
export function whileMoving(frame) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let running = false;
  const step = () => {
    running = frame();
    if (running) next();
  };
  const next = () => (calm.matches ? setTimeout(step, 500) : requestAnimationFrame(step));
  return () => {
    if (running) return;
    running = true;
    step();
  };
}

/** A radio group in a fieldset; `onChange` gets the value. */
export function radios(fieldset, name, values, chosen, onChange) {
  for (const value of values) {
    const input = el('input', { type: 'radio', name, value, checked: value === chosen });
    input.addEventListener('change', () => onChange(value));
    fieldset.append(el('label', {}, input, el('span', {}, value)));
  }
}

/** What went wrong, for people: the code and the words of a known error. */
export const explain = (error) =>
  error?.code ? `${error.code}. ${error.message}` : String(error?.message ?? error);

/** Milliseconds, for people. */
export const duration = (ms) =>
  ms < 1_000 ? `${Math.ceil(ms / 10) * 10} ms` : `${(ms / 1_000).toFixed(1)} s`;
