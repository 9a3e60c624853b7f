/** A bucket that drains and refills before the eyes. */
import { byId, duration, explain, svg, whileMoving } from './dom.js';

const TOP = 24;
const BOTTOM = 200;
const WINDOW_MS = 15_000;

export function limit({ TokenBucket }) {
  const settings = byId('bucket-settings');
  let config;
  let bucket;
  let requests = [];

  const rebuild = () => {
    const wanted = Object.fromEntries(
      [...settings.querySelectorAll('input')].map(({ name, valueAsNumber }) => [name, valueAsNumber]),
    );
    try {
      const next = new TokenBucket({ ...wanted, refillInterval: 1_000 });
      bucket?.dispose();
      bucket = next;
      config = wanted;
      ticks(config);
      say('');
    } catch (error) {
      say(explain(error), 'bad');
    }
    move();
  };

  /** Asks for `count` requests of `cost` tokens each, and says what came of it. */
  const ask = (count, cost) => {
    const answers = Array.from({ length: count }, () => bucket.consumeTokens(cost));
    const now = performance.now();
    requests.push(...answers.map((granted, order) => ({ at: now, granted, after: count - 1 - order })));
    const refused = answers.filter((granted) => !granted).length;
    if (refused === 0) say(count === 1 ? 'Granted.' : `All ${count} granted.`, 'good');
    else {
      const wait = bucket.timeUntilAvailable(cost);
      const later = Number.isFinite(wait)
        ? `the next has to wait ${duration(wait)}`
        : 'the bucket never holds so many';
      say(
        count === 1 ? `Refused: ${later}.` : `${count - refused} granted, ${refused} refused: ${later}.`,
        'bad',
      );
    }
    move();
  };

  const draw = () => {
    const now = performance.now();
    const most = config.capacity + config.burstAllowance;
    const level = bucket.getTokenCount();
    const height = ((BOTTOM - TOP) * level) / most;
    byId('bucket-water').setAttribute('y', BOTTOM - height);
    byId('bucket-water').setAttribute('height', height);
    byId('bucket-level').textContent = `${level.toFixed(1)} of ${most} tokens`;
    const next = Math.min(Math.floor(level) + 1, most);
    byId('bucket-next').textContent =
      level < most ? `the next in ${duration(bucket.timeUntilAvailable(next))}` : 'full';
    requests = requests.filter(({ at }) => now - at < WINDOW_MS);
    byId('bucket-dots').replaceChildren(...requests.map((request) => dot(request, now)));
    return level < most || requests.length > 0;
  };
  const move = whileMoving(draw);

  settings.addEventListener('change', rebuild);
  for (const button of document.querySelectorAll('#limit [data-take]'))
    button.addEventListener('click', () => ask(Number(button.dataset.take), 1));
  for (const button of document.querySelectorAll('#limit [data-cost]'))
    button.addEventListener('click', () => ask(1, Number(button.dataset.cost)));
  rebuild();
}

function say(words, mood = '') {
  const outcome = byId('bucket-outcome');
  outcome.textContent = words;
  outcome.className = `outcome ${mood}`;
}

/** A line per token, a stronger one where the capacity ends and the burst begins. */
function ticks({ capacity, burstAllowance }) {
  const most = capacity + burstAllowance;
  const lines = [];
  for (let token = 1; token < most; token++) {
    const y = BOTTOM - ((BOTTOM - TOP) * token) / most;
    lines.push(
      svg('line', { x1: 0, x2: 240, y1: y, y2: y, class: token === capacity ? 'tick capacity' : 'tick' }),
    );
  }
  byId('bucket-ticks').replaceChildren(...lines);
}

function dot({ at, granted, after }, now) {
  const x = 392 - ((now - at) / WINDOW_MS) * 330 - after * 9;
  return svg('circle', { cx: x, cy: granted ? 24 : 54, r: 4, class: granted ? 'granted' : 'refused' });
}
