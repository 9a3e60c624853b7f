/** Asking for a consent: from memory, and with the one `statSync` that sees another window's withdrawal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const purpose = {
  id: 'usage',
  name: 'Usage statistics',
  description: 'Counts which commands are used',
  category: 'analytics',
  dataTypes: ['command names'],
  retentionPeriod: 86_400_000,
};

export default async ({ ConsentStore, FileStore, Keyset, MemoryStore, VesperaConsentManager }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vespera-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const keyset = Keyset.generate();
  const open = async (storage) => {
    const consents = await VesperaConsentManager.open({
      store: new ConsentStore(storage, { keyset }),
      controller: { name: 'Example Ltd', email: 'privacy@example.com' },
      purposes: [purpose],
    });
    await consents.grantConsent('ada', 'usage');
    if (!consents.hasConsent('ada', 'usage')) throw new Error('the consent is not there');
    return consents;
  };
  const [memory, files] = [await open(new MemoryStore()), await open(new FileStore(folder))];
  const known = new Map([['ada', new Map([['usage', Date.now() + 86_400_000]])]]);
  return [
    {
      name: 'consent: hasConsent',
      contenders: {
        'vespera-security, in memory': () => memory.hasConsent('ada', 'usage'),
        'vespera-security, on files': () => files.hasConsent('ada', 'usage'),
        'a Map of Maps': () => known.get('ada')?.get('usage') > Date.now(),
      },
    },
  ];
};
