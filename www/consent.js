/** A person is asked, gets a receipt, takes it back, and is erased. */
import { byId, el, explain } from './dom.js';

const USER = 'ada';
const DAY = 86_400_000;
const PURPOSES = [
  {
    id: 'usage',
    name: 'Usage statistics',
    description: 'Which commands are used and how long they take, without their content.',
    category: 'analytics',
    dataTypes: ['command names', 'durations'],
    retentionPeriod: 90 * DAY,
  },
  {
    id: 'history',
    name: 'Chat history',
    description: 'Your messages are kept so that a conversation can go on tomorrow.',
    category: 'functional',
    dataTypes: ['messages'],
    retentionPeriod: 365 * DAY,
  },
  {
    id: 'account',
    name: 'Signing in',
    description: 'Your user name, without which the service does not know you.',
    category: 'essential',
    required: true,
    legalBasis: 'contract',
    dataTypes: ['user name'],
    retentionPeriod: 365 * DAY,
  },
];
const CONTROLLER = { name: 'Example Ltd', email: 'privacy@example.org', service: 'the playground' };
const ALLOWED = { true: 'allowed', false: 'not allowed' };

export async function consent(lib) {
  const storage = new lib.MemoryStore();
  const store = new lib.ConsentStore(storage, { keyset: lib.Keyset.generate() });
  const consents = await lib.VesperaConsentManager.open({
    store,
    purposes: PURPOSES,
    controller: CONTROLLER,
    ui: { ask },
    hooks: { usage: () => {}, history: () => {} },
  });

  const refresh = () => {
    byId('consent-purposes').replaceChildren(...PURPOSES.map((purpose) => row(consents, purpose)));
    byId('consent-store').replaceChildren(...storage.keys().flatMap((key) => entry(key, storage.get(key))));
  };
  const sign = (title, document) => {
    byId('consent-document-title').textContent = title;
    byId('consent-document').textContent = JSON.stringify(document, null, 2);
    const holds = lib.verifySignedDocument(document, consents.publicKey);
    const forged = lib.verifySignedDocument({ ...document, forged: true }, consents.publicKey);
    say(
      'consent-proof',
      `Its signature ${holds ? 'holds' : 'does not hold'}; with a field added it ${forged ? 'holds' : 'does not'}.`,
      holds && !forged,
    );
  };
  const acts = {
    'consent-ask': async () => {
      const { asked, granted, deferred } = await consents.requestConsent(USER);
      if (asked.length === 0) return 'Everything was answered before: nobody is asked twice.';
      if (deferred.length > 0) return 'The dialogue was closed without an answer: nothing is allowed.';
      return `${granted.length} of ${asked.length} allowed.`;
    },
    'consent-withdraw': async () => {
      const { withdrawn } = await consents.withdrawConsent(USER);
      return withdrawn.length ? `Withdrawn: ${withdrawn.join(', ')}.` : 'There was nothing to withdraw.';
    },
    'consent-receipt': async () => {
      sign('The receipt', await consents.issueReceipt(USER));
      return 'The receipt is for Ada to keep; it verifies without the store.';
    },
    'consent-erase': async () => {
      sign('The erasure certificate', await consents.eraseUser(USER));
      return 'Ada’s key is destroyed: whatever was sealed under it is noise now.';
    },
  };
  for (const [id, act] of Object.entries(acts)) {
    byId(id).addEventListener('click', async () => {
      try {
        say('consent-outcome', await act(), true);
      } catch (error) {
        say('consent-outcome', explain(error), false);
      }
      refresh();
    });
  }
  refresh();
}

/** The dialogue. Nothing is ticked beforehand, and the three answers weigh the same. */
function ask({ controller, questions, withoutConsent }) {
  const dialog = byId('consent-dialog');
  byId('consent-controller').textContent = `${controller.name} asks, for ${controller.service}.`;
  const boxes = questions.map(({ purpose }) => el('input', { type: 'checkbox', value: purpose.id }));
  byId('consent-choices').replaceChildren(
    ...questions.map(({ purpose }, at) => el('label', { className: 'purpose' }, boxes[at], words(purpose))),
  );
  byId('consent-other').replaceChildren(
    ...withoutConsent.map((purpose) =>
      el(
        'p',
        { className: 'purpose soft' },
        words(purpose, `Rests on ${purpose.legalBasis}, not on your consent.`),
      ),
    ),
  );
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const granted = boxes
          .filter(
            ({ checked }) => dialog.returnValue === 'all' || (dialog.returnValue === 'chosen' && checked),
          )
          .map(({ value }) => value);
        resolve(dialog.returnValue === '' ? undefined : { granted });
      },
      { once: true },
    );
  });
}

function words({ name, description, dataTypes, retentionPeriod }, note) {
  const kept = `${dataTypes.join(', ')}; kept for ${Math.round(retentionPeriod / DAY)} days.`;
  return el('span', {}, el('strong', {}, name), ` ${description} `, el('small', {}, note ?? kept));
}

function row(consents, { id, name }) {
  const { allowed, basis } = consents.mayProcess(USER, id);
  const reason = basis === 'consent' ? consents.explain(USER, id).replaceAll('_', ' ') : `rests on ${basis}`;
  return el(
    'li',
    {},
    el('span', {}, name),
    el('span', { className: allowed ? 'state good' : 'state bad' }, ALLOWED[allowed]),
    el('span', { className: 'rule' }, reason),
  );
}

function entry(key, bytes) {
  const hex = [...bytes.subarray(0, 20)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const short = key.length > 26 ? `${key.slice(0, 26)}…` : key;
  return [el('dt', { title: key }, short), el('dd', {}, `${hex} … ${bytes.length} bytes`)];
}

function say(id, text, good) {
  byId(id).textContent = text;
  byId(id).className = `outcome ${good ? 'good' : 'bad'}`;
}
