/** Rules, and the live bucket of each person under each of them. */
import { byId, duration, el, explain, whileMoving } from './dom.js';

const RULES = [
  {
    id: 'chat',
    name: 'Chat: five, one more each second',
    pattern: 'chat/*',
    scope: 'user',
    bucket: { capacity: 5, refillRate: 1, refillInterval: 1_000 },
    priority: 1,
  },
  {
    id: 'export',
    name: 'Exports: two, one more every five seconds',
    pattern: 'chat/export',
    scope: 'user',
    bucket: { capacity: 2, refillRate: 1, refillInterval: 5_000 },
    priority: 2,
  },
];
const RESOURCES = { chat: 'chat/message', export: 'chat/export' };
const PEOPLE = ['Ada', 'Bob'];

export function rules({ VesperaRateLimiter }) {
  const limiter = new VesperaRateLimiter({ rules: RULES });
  const meters = RULES.flatMap((rule) => PEOPLE.map((person) => meter(rule, person)));

  const draw = () => {
    let moving = false;
    for (const { rule, request, bar, reading } of meters) {
      // A request that costs nothing shows what is there; one that costs a token, how long it would wait.
      const { tokensRemaining } = limiter.peek({ ...request, cost: 0 });
      const { retryAfterMs } = limiter.peek(request);
      const { capacity } = rule.bucket;
      bar.value = tokensRemaining;
      reading.textContent =
        retryAfterMs > 0 ? `wait ${duration(retryAfterMs)}` : `${Math.floor(tokensRemaining)} left`;
      if (tokensRemaining < capacity) moving = true;
    }
    return moving;
  };
  const move = whileMoving(draw);

  byId('rules').replaceChildren(
    ...RULES.map((rule) =>
      el(
        'div',
        { className: 'rule-card' },
        el('h3', {}, rule.name),
        el('code', { className: 'rule' }, `${rule.pattern} · priority ${rule.priority}`),
        ...meters.filter((it) => it.rule === rule).map(({ row }) => row),
      ),
    ),
  );
  for (const { button, request, person } of meters) {
    button.addEventListener('click', () => {
      try {
        const { allowed, rule, retryAfterMs } = limiter.checkRateLimit(request);
        const outcome = byId('rules-outcome');
        outcome.textContent = allowed
          ? `${person}: allowed by ${rule}.`
          : `${person}: refused by ${rule}, to come back in ${duration(retryAfterMs)}.`;
        outcome.className = `outcome ${allowed ? 'good' : 'bad'}`;
      } catch (error) {
        byId('rules-outcome').textContent = explain(error);
      }
      move();
    });
  }
  move();
}

function meter(rule, person) {
  const request = { resourceId: RESOURCES[rule.id], userId: person.toLowerCase() };
  const button = el('button', { type: 'button' }, `${person} asks`);
  const bar = el('meter', { min: 0, max: rule.bucket.capacity, 'aria-label': `${person}, ${rule.id}` });
  const reading = el('span', { className: 'reading-small' });
  const row = el('div', { className: 'meter-row' }, button, bar, reading);
  return { rule, person, request, button, bar, reading, row };
}
