/** What leaves the process has the form that its JSON Schema says; checked with Ajv. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import * as lib from '../../pkg/node.mjs';
import { CONTROLLER, PURPOSES } from './consent-writer.mjs';

const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true });
const schema = (name) =>
  ajv.compile(JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url))));
const fits = (validate, value) => assert.ok(validate(value), JSON.stringify(validate.errors, null, 1));

const keyset = lib.Keyset.generate();
const purposes = [
  ...PURPOSES,
  {
    ...PURPOSES[0],
    id: 'health',
    specialCategories: true,
    thirdParties: ['Beta Ltd'],
    notice: 'We ask about health.',
  },
  { ...PURPOSES[0], id: 'core', required: true, legalBasis: 'contract', category: 'essential' },
];
const consents = await lib.VesperaConsentManager.open({
  store: new lib.ConsentStore(new lib.MemoryStore(), { keyset }),
  purposes,
  controller: { ...CONTROLLER, address: '1 High Street', policyUrl: 'https://example.com/privacy' },
});
await consents.grantConsent('ada', ['p0', 'health'], {
  method: 'import',
  ipAddress: '192.0.2.1',
  language: 'en',
});
await consents.grantConsent('ada', [{ purposeId: 'p1', conditions: { dataTypes: ['command names'] } }]);
await consents.refuseConsent('ada', 'p2');
await consents.withdrawConsent('ada', 'p0');

const REQUIRED = {
  'receipt-27560': async () => consents.issueReceipt('ada'),
  'receipt-kantara-1.1': async () => consents.issueReceipt('ada', { form: 'kantara' }),
  'consent-export-1': async () => consents.exportUserData('ada'),
  'processing-register-1': async () => consents.recordsOfProcessing(),
};

for (const [name, issue] of Object.entries(REQUIRED)) {
  test(`${name}: the document fits its schema, and not with a field missing or unknown`, async () => {
    const validate = schema(name);
    const document = await issue();
    fits(validate, document);
    assert.ok(!validate({ ...document, surprise: 1 }));
    const { proof, ...unsigned } = document;
    const [first] = Object.keys(unsigned);
    const { [first]: _, ...lacking } = document;
    assert.ok(!validate(lacking), `${first} is required`);
    if (proof) assert.ok(!validate(unsigned), 'a receipt is signed');
  });
}

test('an erasure certificate fits its schema, alone and in an export', async () => {
  const certificate = await consents.eraseUser('ada');
  fits(schema('erasure-certificate-1'), certificate);
  const after = await consents.exportUserData('ada');
  fits(schema('consent-export-1'), after);
  assert.equal(after.erasures.length, 1);
});

test('a receipt verifies with 20 lines that know nothing of this package', async () => {
  const { createHash, createPublicKey, verify } = await import('node:crypto');
  const canonical = (value) =>
    Array.isArray(value)
      ? `[${value.map(canonical)}]`
      : typeof value === 'object' && value !== null
        ? `{${Object.keys(value)
            .sort()
            .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)}}`
        : JSON.stringify(value);
  const base58 = (text) => {
    const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    const number = [...text].reduce((sum, digit) => sum * 58n + BigInt(alphabet.indexOf(digit)), 0n);
    return Buffer.from(
      number
        .toString(16)
        .padStart(2, '0')
        .replace(/^(.(..)*)$/, '0$1'),
      'hex',
    );
  };
  const sha256 = (text) => createHash('sha256').update(text).digest();

  await consents.grantConsent('bob', 'p0');
  for (const form of ['iso27560', 'kantara']) {
    const { proof, ...document } = await consents.issueReceipt('bob', { form });
    const { proofValue, ...options } = proof;
    const signed = Buffer.concat([sha256(canonical(options)), sha256(canonical(document))]);
    const raw = base58(consents.publicKey.slice(1)).subarray(2);
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
      format: 'jwk',
    });
    const bytes = base58(proofValue.slice(1));
    const signature = Buffer.concat([Buffer.alloc(64 - bytes.length), bytes]);
    assert.ok(verify(null, signed, key, signature), form);
  }
});
