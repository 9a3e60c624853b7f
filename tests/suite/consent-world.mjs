/** The people, purposes and stores that the suites of consent share. */
export const DAY = 86_400_000;
export const YEAR = 365 * DAY;

export const controller = { name: 'Example Ltd', email: 'privacy@example.com' };
export const purpose = (id, change = {}) => ({
  id,
  name: 'Usage statistics',
  description: 'Counts which commands are used',
  category: 'analytics',
  dataTypes: ['command names', 'times'],
  retentionPeriod: 30 * DAY,
  thirdParties: ['Beta Ltd'],
  ...change,
});
export const essential = purpose('core', { category: 'essential', required: true, legalBasis: 'contract' });
export const purposes = [purpose('usage'), purpose('crash', { validity: 10 * DAY }), essential];

/** A Memento as the editor has it: strings by key, told to nobody. */
export const memento = (values = new Map()) => ({
  values,
  get: (key) => values.get(key),
  update: async (key, value) => void (value === undefined ? values.delete(key) : values.set(key, value)),
  keys: () => [...values.keys()],
});

/** A dialogue that answers as it is told, and counts what it is asked. */
export const dialogue = (answer) => {
  const ui = { requests: [], ask: async (request) => (ui.requests.push(request), answer(request)) };
  return ui;
};

/** A world with one clock: managers on stores. */
export const world = ({ lib, clock }) => {
  const keyset = () => lib.Keyset.generate({ clock });
  const open = (storage, key, options = {}) => {
    const { anchor, keys, ...rest } = options;
    const store = new lib.ConsentStore(storage, {
      keyset: key,
      ...(anchor && { anchor }),
      ...(keys && { keys }),
    });
    return lib.VesperaConsentManager.open(
      { store, purposes, controller, ...rest },
      { clock, sleep: async () => {} },
    );
  };
  const fresh = async (options) => {
    const [storage, key] = [new lib.MemoryStore(), keyset()];
    return { storage, key, consents: await open(storage, key, options) };
  };
  return { keyset, open, fresh };
};
