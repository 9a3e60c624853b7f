/** A record that is sealed, tampered with, refused and opened. */
import { byId, el, explain } from './dom.js';

const RECORD = { subject: 'ada', purpose: 'usage statistics', given: '2026-01-15T09:30:00Z' };
/** The parts of a sealed record of one chunk, in order; what is left in the middle is the ciphertext. */
const PARTS = [
  ['version', 1],
  ['key', 4],
  ['salt', 24],
  ['commitment', 32],
];
const TAG = 16;

export function crypto({ Keyset }) {
  const keyset = Keyset.generate();
  const record = byId('record');
  const context = byId('record-context');
  const claim = byId('record-claim');
  let sealed;
  let bytes;

  const seal = () => {
    try {
      sealed = keyset.seal(new TextEncoder().encode(record.value), context.value);
      bytes = sealed.slice();
      byId('record-bytes').replaceChildren(...[...bytes].map((value, at) => byte(value, at)));
      tabStop(0);
      open();
    } catch (error) {
      show('bad', 'It was not sealed', explain(error));
    }
  };

  const open = () => {
    try {
      const plain = keyset.open(bytes, claim.value);
      show('good', 'It opens', new TextDecoder().decode(plain));
    } catch (error) {
      show('bad', 'It is refused', explain(error));
    }
  };

  const byte = (value, at) => {
    const button = el('button', { type: 'button', tabIndex: -1, className: part(at, sealed.length) });
    label(button, value, at, false);
    button.addEventListener('click', () => {
      bytes[at] ^= 1;
      label(button, bytes[at], at, bytes[at] !== sealed[at]);
      tabStop(at);
      open();
    });
    return button;
  };

  record.value = JSON.stringify(RECORD);
  record.addEventListener('input', seal);
  context.addEventListener('input', () => {
    claim.value = context.value;
    seal();
  });
  claim.addEventListener('input', open);
  byId('record-seal').addEventListener('click', seal);
  byId('record-restore').addEventListener('click', () => {
    bytes = sealed.slice();
    [...byId('record-bytes').children].forEach((button, at) => label(button, bytes[at], at, false));
    claim.value = context.value;
    open();
  });
  byId('record-rotate').addEventListener('click', () => {
    keyset.rotate();
    open();
    const verdict = byId('record-verdict');
    verdict.append(
      el('p', {}, 'The key was rotated: this record still opens, the next one is sealed with the new key.'),
    );
  });
  byId('record-bytes').addEventListener('keydown', walk);
  byId('record-legend').replaceChildren(
    ...[...PARTS.map(([name]) => name), 'sealed', 'tag'].map((name) =>
      el('span', { className: `chip ${name}` }, name),
    ),
  );
  seal();
}

/** The name of the part that a byte belongs to. */
function part(at, length) {
  let end = 0;
  for (const [name, size] of PARTS) {
    end += size;
    if (at < end) return name;
  }
  return at < length - TAG ? 'sealed' : 'tag';
}

function label(button, value, at, flipped) {
  button.textContent = value.toString(16).padStart(2, '0');
  button.setAttribute('aria-label', `byte ${at}, ${button.classList[0]}, ${button.textContent}`);
  button.setAttribute('aria-pressed', String(flipped));
}

/** The bytes are one stop for the Tab key; the arrow keys walk in it. */
function tabStop(at) {
  [...byId('record-bytes').children].forEach((button, index) => {
    button.tabIndex = index === at ? 0 : -1;
  });
}

function walk(event) {
  const buttons = [...event.currentTarget.children];
  const at = buttons.indexOf(document.activeElement);
  const columns = buttons.filter((button) => button.offsetTop === buttons[0].offsetTop).length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const target = event.key === 'Home' ? 0 : event.key === 'End' ? buttons.length - 1 : at + step;
  if (at < 0 || !buttons[target]) return;
  event.preventDefault();
  tabStop(target);
  buttons[target].focus();
}

function show(mood, title, words) {
  const verdict = byId('record-verdict');
  verdict.className = `verdict ${mood}`;
  verdict.replaceChildren(el('strong', {}, title), el('p', {}, words));
}
