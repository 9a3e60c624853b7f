/** What a person may ask for, and what remains: receipts, exports, erasure, retention. */
import { DAY, YEAR, purpose, purposes, world } from './consent-world.mjs';

export default ({ test, assert, lib, clock }) => {
  const { open, fresh } = world({ lib, clock });

  test('an erasure leaves a signed certificate and nothing else', async () => {
    const { consents, storage, key } = await fresh();
    const deleted = [];
    consents.onCleanup('usage', ({ reason }) => void deleted.push(reason));
    await consents.grantConsent('ada', 'usage');
    const receipt = await consents.issueReceipt('ada');
    const data = await consents.sealData('ada', 'usage', 'day-1', new TextEncoder().encode('copy: 3'));
    const name = storage.keys().find((it) => it.startsWith('record.'));
    const before = { record: storage.get(name), key: storage.get(name.replace('record', 'key')) };
    const certificate = await consents.eraseUser('ada');
    assert.deepEqual(deleted, ['erasure']);
    assert.ok(lib.verifySignedDocument(certificate, consents.publicKey));
    assert.equal(certificate.records[0].purposeId, 'usage');
    assert.ok(!JSON.stringify(certificate).includes('"ada"'));
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    assert.deepEqual(consents.getUserConsents('ada'), []);
    const { consents: left, erasures } = await consents.exportUserData('ada');
    assert.deepEqual([left, erasures.length], [[], 1], 'the proof remains');
    assert.ok(lib.verifySignedDocument(receipt, consents.publicKey), 'and so does the receipt');
    await assert.rejects(consents.eraseUser('ada'), 'ERR_ARGUMENT_INVALID');

    // A copy of the record is worth nothing, and the key is gone.
    assert.equal(storage.get(name.replace('record', 'key')).length, 1);
    storage.set(name, before.record);
    const thief = await open(storage, key);
    assert.throws(() => thief.getUserConsents('ada'), 'ERR_CONSENT_KEY_LOST');
    await assert.rejects(thief.openData('ada', 'usage', 'day-1', data), 'ERR_CONSENT_KEY_LOST');
  });

  test('who comes back after an erasure is asked anew', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', 'usage');
    await consents.eraseUser('ada');
    await consents.grantConsent('ada', 'usage');
    assert.equal(consents.hasConsent('ada', 'usage'), true);
    assert.equal((await consents.exportUserData('ada')).erasures.length, 1);
  });

  test('an erasure waits for data that could not be deleted, unless it is forced', async () => {
    const { consents } = await fresh({ cleanup: { attempts: 1 } });
    await consents.grantConsent('ada', 'usage');
    consents.onCleanup('usage', () => Promise.reject(new Error('the server is away')));
    await assert.rejects(consents.eraseUser('ada'), 'ERR_CONSENT_CLEANUP_FAILED');
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    const certificate = await consents.eraseUser('ada', { force: true });
    assert.deepEqual(certificate.incomplete, ['usage']);
  });

  test('data sealed for a purpose open while it is allowed, and for nothing else', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', ['usage', 'crash']);
    const data = new TextEncoder().encode('copy: 3');
    const sealed = await consents.sealData('ada', 'usage', 'day-1', data);
    assert.deepEqual(await consents.openData('ada', 'usage', 'day-1', sealed), data);
    await assert.rejects(consents.openData('ada', 'crash', 'day-1', sealed), 'ERR_CRYPTO_OPEN_FAILED');
    await consents.withdrawConsent('ada', 'usage');
    await assert.rejects(consents.openData('ada', 'usage', 'day-1', sealed), 'ERR_CONSENT_REQUIRED');
  });

  test('receipts verify without the store, and not when a letter is changed', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', 'usage');
    const { publicKey } = consents;
    for (const form of ['iso27560', 'kantara']) {
      const receipt = JSON.parse(JSON.stringify(await consents.issueReceipt('ada', { form })));
      assert.ok(lib.verifySignedDocument(receipt, publicKey), form);
      const forged = JSON.parse(JSON.stringify(receipt).replace('Beta Ltd', 'Gamma Ltd'));
      assert.ok(!lib.verifySignedDocument(forged, publicKey), form);
      const other = (await fresh()).consents.publicKey;
      assert.ok(!lib.verifySignedDocument(receipt, other), form);
    }
    await assert.rejects(consents.issueReceipt('bob'), 'ERR_ARGUMENT_INVALID');
  });

  test('an export says everything, as data and as a table', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', 'usage', { userAgent: '=HYPERLINK("x")' });
    const data = await consents.exportUserData('ada');
    assert.equal(data.consents[0].state, 'given');
    assert.deepEqual(
      data.purposes.map((it) => it.reason),
      ['consented', 'never_asked', 'not_consent'],
    );
    const table = await consents.exportUserData('ada', 'csv');
    assert.ok(table.includes(`"'=HYPERLINK(""x"")"`), table);
    const nobody = await consents.exportUserData('bob');
    assert.deepEqual(nobody.consents, []);
  });

  test('the register of processing has every purpose with its basis', async () => {
    const { consents } = await fresh();
    const { activities } = consents.recordsOfProcessing();
    assert.deepEqual(
      activities.map((it) => it.legalBasis),
      ['consent, GDPR article 6(1)(a)', 'consent, GDPR article 6(1)(a)', 'contract, GDPR article 6(1)(b)'],
    );
    assert.equal(consents.recordsOfProcessing('csv').trim().split('\r\n').length, 4);
  });

  test('a sweep looks first, and then does what is due', async () => {
    const { consents } = await fresh({ proofRetention: YEAR });
    const deleted = [];
    consents.onCleanup('crash', ({ purposeId, reason }) => void deleted.push(`${purposeId} ${reason}`));
    consents.onCleanup('usage', ({ purposeId, reason }) => void deleted.push(`${purposeId} ${reason}`));
    await consents.grantConsent('ada', ['usage', 'crash']);
    assert.deepEqual((await consents.sweepRetention({ dryRun: true })).due, []);
    clock.advance(11 * DAY);
    const look = await consents.sweepRetention({ dryRun: true });
    assert.deepEqual(
      look.due.map((it) => it.duty),
      ['expire', 'delete_data'],
    );
    assert.deepEqual(deleted, []);
    await consents.sweepRetention();
    assert.deepEqual(deleted, ['crash ended']);
    clock.advance(20 * DAY);
    await consents.sweepRetention();
    assert.deepEqual(deleted, ['crash ended', 'usage retention']);
    clock.advance(3 * YEAR);
    await consents.sweepRetention();
    const { erased } = await consents.sweepRetention();
    assert.equal(erased[0]?.requestedBy, 'retention');
    assert.deepEqual((await consents.exportUserData('ada')).consents, []);
  });

  test('a record that does not open keeps the sweep from nobody else', async () => {
    const { storage, consents } = await fresh();
    for (const id of ['ada', 'ben', 'cleo']) await consents.grantConsent(id, 'crash');
    const broken = storage.keys().filter((key) => key.startsWith('record.'))[1];
    storage.set(broken, storage.get(broken).fill(0, 20));
    clock.advance(20 * DAY);
    const report = await consents.sweepRetention();
    assert.equal(report.due.length, 4);
    assert.deepEqual(
      report.failed.map(({ name, error }) => [name, error.code]),
      [[broken.slice('record.'.length), 'ERR_CRYPTO_OPEN_FAILED']],
    );
  });

  test('a form, a format or a requester that is not one is refused before anything is done', async () => {
    const deleted = [];
    const hooks = { usage: async ({ userId }) => void deleted.push(userId) };
    const { consents } = await fresh({ hooks });
    await consents.grantConsent('ada', 'usage');
    await assert.rejects(consents.issueReceipt('ada', { form: 'kantra' }), 'ERR_ARGUMENT_INVALID');
    await assert.rejects(consents.exportUserData('ada', 'xml'), 'ERR_ARGUMENT_INVALID');
    assert.throws(() => consents.recordsOfProcessing('xml'), 'ERR_ARGUMENT_INVALID');
    await assert.rejects(consents.issueReceipt('ada', { purpose: 'usage' }), 'ERR_CONFIG_INVALID');
    await assert.rejects(consents.eraseUser('ada', { requestedBy: 'Subject' }), 'ERR_ARGUMENT_INVALID');
    await assert.rejects(consents.eraseUser('ada', { dryRun: true }), 'ERR_CONFIG_INVALID');
    await assert.rejects(consents.eraseUser('ada', { force: 'no' }), 'ERR_ARGUMENT_INVALID');
    clock.advance(40 * DAY);
    await assert.rejects(consents.sweepRetention({ dryrun: true }), 'ERR_CONFIG_INVALID');
    await assert.rejects(consents.sweepRetention({ dryRun: 1 }), 'ERR_ARGUMENT_INVALID');
    assert.deepEqual(deleted, []);
    assert.ok(consents.hasConsent('ada', 'usage'));
  });

  test('a document that is not JSON is refused', () => {
    const key = 'z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2';
    const itself = {};
    itself.itself = itself;
    for (const wrong of [null, undefined, 'text', { count: 1n }, itself])
      assert.throws(() => lib.verifySignedDocument(wrong, key), 'ERR_ARGUMENT_INVALID');
  });
};
