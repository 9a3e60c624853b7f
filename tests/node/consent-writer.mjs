/** A process that writes consents, to be run beside others and killed. */
import { fileURLToPath } from 'node:url';

export const CONTROLLER = { name: 'Example Ltd', email: 'privacy@example.com' };
export const PURPOSES = Array.from({ length: 12 }, (_, at) => ({
  id: `p${at}`,
  name: `Purpose ${at}`,
  description: 'Counts which commands are used',
  category: 'analytics',
  dataTypes: ['command names'],
  retentionPeriod: 86_400_000,
}));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lib = await import('../../pkg/node.mjs');
  const [folder, exported, what, users, part = '0', parts = '1'] = process.argv.slice(2);
  const keyset = lib.Keyset.import(Buffer.from(exported, 'base64'), new Uint8Array(32).fill(7));
  const store = new lib.ConsentStore(new lib.FileStore(folder), { keyset });
  const consents = await lib.VesperaConsentManager.open({
    store,
    purposes: PURPOSES,
    controller: CONTROLLER,
  });

  if (what === 'withdraw') await consents.withdrawConsent(users);
  if (what === 'grant') {
    const own = PURPOSES.filter((_, at) => at % Number(parts) === Number(part));
    await Promise.all(own.map(({ id }) => consents.grantConsent(users, id)));
  }
  if (what === 'storm') {
    for (;;) {
      await Promise.all(
        users.split(',').map(async (user) => {
          // Microseconds since the start of the day: each round is later than every one before it.
          const round = Math.floor((performance.timeOrigin + performance.now()) * 1_000) % 86_400_000_000;
          await consents.grantConsent(user, `p${1 + Number(part)}`, { userAgent: String(round) });
          process.send({ user, round });
        }),
      );
    }
  }
  process.disconnect?.();
}
