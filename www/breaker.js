/** A breaker that opens, waits, tries once and closes. */
import { byId, duration, el, whileMoving } from './dom.js';

const CONFIG = { failureThreshold: 3, recoveryTimeout: 5_000, monitoringPeriod: 10_000, halfOpenMaxCalls: 1 };
const SHOWN = 30;
const ANGLES = { closed: 0, 'half-open': -14, open: -38 };

export function breaker({ CircuitBreaker, isVesperaSecurityError }) {
  const circuit = new CircuitBreaker(CONFIG);
  const healthy = byId('breaker-healthy');

  const service = async () => {
    if (!healthy.checked) throw new Error('The service answered 503.');
    return 'The service answered.';
  };

  const call = async () => {
    try {
      log('ok', await circuit.execute(service));
    } catch (error) {
      if (isVesperaSecurityError(error)) log('spared', `Never started: ${error.code}.`);
      else log('failed', error.message);
    }
    move();
  };

  const draw = () => {
    const { state, failures, retryAfterMs } = circuit.stats;
    byId('breaker-picture').dataset.state = state;
    byId('breaker-arm').setAttribute('transform', `rotate(${ANGLES[state]} 122 75)`);
    byId('breaker-state').textContent = state;
    byId('breaker-wait').textContent = waiting(state, failures, retryAfterMs);
    return (state === 'open' && retryAfterMs > 0) || (state === 'closed' && failures > 0);
  };
  const move = whileMoving(draw);

  healthy.addEventListener('change', () => {
    byId('breaker-health').textContent = healthy.checked ? 'The service works' : 'The service fails';
    byId('breaker-service').classList.toggle('well', healthy.checked);
  });
  byId('breaker-call').addEventListener('click', call);
  byId('breaker-calls').addEventListener('click', async () => {
    for (let count = 0; count < 5; count++) await call();
  });
  draw();
}

function waiting(state, failures, retryAfterMs) {
  if (state === 'closed') return `${failures} of ${CONFIG.failureThreshold} failures`;
  return retryAfterMs > 0 ? `a call may try in ${duration(retryAfterMs)}` : 'one call may try';
}

function log(kind, words) {
  const list = byId('breaker-log');
  list.append(el('li', { className: kind, title: words }, el('span', { className: 'hidden' }, words)));
  while (list.children.length > SHOWN) list.firstElementChild.remove();
  const outcome = byId('breaker-outcome');
  outcome.textContent = words;
  outcome.className = `outcome ${kind === 'ok' ? 'good' : 'bad'}`;
}
