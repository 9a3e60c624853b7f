/**
 * Consent, as its users see it.
 *
 * Five faults of real implementations have their tests here: a tag that was not stored ("a consent outlives the
 * manager"), a key that anyone can derive ("another keyset opens nothing"), an error on decrypting that read as
 * "no consent" ("a failure is not …"), an erasure that took the proof along ("leaves a signed certificate"), and
 * parallel grants of which one was lost ("a burst of grants").
 */
import { DAY, YEAR, controller, dialogue, memento, purpose, purposes, world } from './consent-world.mjs';

export default ({ test, assert, lib, clock }) => {
  const { keyset, open, fresh } = world({ lib, clock });

  test('nothing is allowed before a yes', async () => {
    const { consents } = await fresh();
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    assert.equal(consents.hasConsent('ada', 'nothing'), false);
    await consents.grantConsent('ada', 'usage');
    assert.equal(consents.hasConsent('ada', 'usage'), true);
    assert.equal(consents.hasConsent('ada', 'crash'), false);
    assert.equal(consents.hasConsent('bob', 'usage'), false);
  });

  test('withdrawn means no from the call on, and in every manager on the same store', async () => {
    const { consents, storage, key } = await fresh();
    const other = await open(storage, key);
    await consents.grantConsent('ada', ['usage', 'crash']);
    await other.refresh('ada');
    assert.equal(other.hasConsent('ada', 'usage'), true);
    const withdrawal = consents.withdrawConsent('ada');
    assert.equal(consents.hasConsent('ada', 'usage'), false, 'before it is written');
    const { withdrawn } = await withdrawal;
    assert.deepEqual(withdrawn, ['usage', 'crash']);
    assert.equal(other.hasConsent('ada', 'usage'), false, 'in the other manager, unread');
    await other.refresh('ada');
    assert.equal(other.hasConsent('ada', 'usage'), false, 'in the other manager, read again');
  });

  test('a consent outlives the manager, and ends at the time it says', async () => {
    const { consents, storage, key } = await fresh();
    await consents.grantConsent('ada', ['usage', 'crash']);
    consents.dispose();
    const later = await open(storage, key);
    assert.equal(later.hasConsent('ada', 'crash'), true);
    clock.advance(10 * DAY);
    assert.equal(later.hasConsent('ada', 'crash'), false);
    assert.equal(later.explain('ada', 'crash'), 'expired');
    assert.equal(later.getUserConsents('ada').find((it) => it.purposeId === 'crash').state, 'expired');
    clock.advance(YEAR);
    assert.equal(later.hasConsent('ada', 'usage'), false);
  });

  test('only what is missing or materially changed is asked', async () => {
    const ui = dialogue(({ questions }) => ({ granted: questions.map((it) => it.purpose.id) }));
    const { consents, storage, key } = await fresh({ ui });
    const first = await consents.requestConsent('ada');
    assert.deepEqual(first.granted, ['usage', 'crash']);
    assert.deepEqual(
      ui.requests[0].withoutConsent.map((it) => it.id),
      ['core'],
    );
    assert.deepEqual((await consents.requestConsent('ada')).asked, []);
    assert.equal(ui.requests.length, 1);

    const typo = purpose('usage', { description: 'Counts wich commands are used' });
    const reworded = await open(storage, key, { ui, purposes: [typo] });
    assert.equal(reworded.hasConsent('ada', 'usage'), true);
    assert.deepEqual((await reworded.requestConsent('ada')).asked, []);

    const wider = purpose('usage', { thirdParties: ['Beta Ltd', 'Acme'] });
    const changed = await open(storage, key, { ui, purposes: [wider] });
    assert.equal(changed.hasConsent('ada', 'usage'), false);
    assert.equal(changed.explain('ada', 'usage'), 'purpose_changed');
    assert.deepEqual((await changed.requestConsent('ada')).granted, ['usage']);
    const [question] = ui.requests.at(-1).questions;
    assert.deepEqual(question.changes[0].added, ['Acme']);
    assert.equal(changed.hasConsent('ada', 'usage'), true);
    assert.equal(changed.getUserConsents('ada').find((it) => it.purposeId === 'usage').state, 'given');
  });

  test('a question closed without an answer is neither yes nor no', async () => {
    const { consents } = await fresh({ ui: dialogue(() => undefined) });
    assert.deepEqual((await consents.requestConsent('ada', ['usage'])).deferred, ['usage']);
    assert.equal(consents.explain('ada', 'usage'), 'unanswered');
  });

  test('what is not granted is refused, and a dialogue grants only what was asked', async () => {
    const { consents } = await fresh({ ui: dialogue(() => ({ granted: ['crash'] })) });
    const { granted, refused } = await consents.requestConsent('ada');
    assert.deepEqual([granted, refused], [['crash'], ['usage']]);
    const greedy = await fresh({ ui: dialogue(() => ({ granted: ['core', 'usage'] })) });
    await assert.rejects(greedy.consents.requestConsent('ada'), 'ERR_ARGUMENT_INVALID');
    assert.equal(greedy.consents.hasConsent('ada', 'usage'), false);
  });

  test('two questions at once are one dialogue', async () => {
    const ui = dialogue(({ questions }) => ({ granted: questions.map((it) => it.purpose.id) }));
    const { consents } = await fresh({ ui });
    await Promise.all([consents.requestConsent('ada'), consents.requestConsent('ada')]);
    assert.equal(ui.requests.length, 1);
  });

  test('without a dialogue nobody is asked, and that is an error', async () => {
    const { consents } = await fresh();
    await assert.rejects(consents.requestConsent('ada'), 'ERR_CONFIG_UNSUPPORTED');
  });

  test('a required purpose is never consent: it rests on its own basis', async () => {
    const { consents } = await fresh();
    assert.equal(consents.hasConsent('ada', 'core'), false);
    assert.equal(consents.explain('ada', 'core'), 'not_consent');
    assert.deepEqual(consents.mayProcess('ada', 'core'), { allowed: true, basis: 'contract' });
    assert.deepEqual(consents.mayProcess('ada', 'usage'), { allowed: false, basis: 'consent' });
    await assert.rejects(consents.grantConsent('ada', 'core'), 'ERR_ARGUMENT_INVALID');
    await assert.rejects(
      open(new lib.MemoryStore(), keyset(), { purposes: [purpose('all', { required: true })] }),
      'ERR_CONFIG_INVALID',
    );
  });

  test('withdrawing takes no more steps than granting', async () => {
    let steps = 0;
    const ui = dialogue(({ questions }) => ((steps += 1), { granted: questions.map((it) => it.purpose.id) }));
    const { consents } = await fresh({ ui });
    const counted = (call) => ((steps += 1), call);
    await counted(consents.requestConsent('ada'));
    const granting = steps;
    steps = 0;
    await counted(consents.withdrawConsent('ada'));
    assert.ok(steps <= granting, `${steps} steps to withdraw, ${granting} to grant`);
    assert.equal(consents.hasConsent('ada', 'usage'), false);
  });

  test('limits of a yes are kept', async () => {
    const { consents } = await fresh();
    const conditions = { dataTypes: ['times'], expiryDate: clock.now() + DAY };
    await consents.grantConsent('ada', [{ purposeId: 'usage', conditions }]);
    assert.equal(consents.hasConsent('ada', 'usage', { dataType: 'times' }), true);
    assert.equal(consents.hasConsent('ada', 'usage', { dataType: 'command names' }), false);
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    clock.advance(DAY);
    assert.equal(consents.hasConsent('ada', 'usage', { dataType: 'times' }), false);
  });

  test('a burst of grants loses none of them', async () => {
    const many = Array.from({ length: 20 }, (_, at) => purpose(`p${at}`));
    const [storage, key] = [memento(), keyset()];
    const managers = await Promise.all(
      [1, 2, 3, 4].map(() => open(new lib.MementoStore(storage), key, { purposes: many })),
    );
    await Promise.all(many.map(({ id }, at) => managers[at % 4].grantConsent('ada', id)));
    const reader = await open(new lib.MementoStore(storage), key, { purposes: many });
    assert.deepEqual(
      many.filter(({ id }) => !reader.hasConsent('ada', id)).map(({ id }) => id),
      [],
    );
  });

  test('a store holds no user id and nothing readable', async () => {
    const { consents, storage } = await fresh();
    await consents.grantConsent('ada.lovelace@example.com', 'usage', { userAgent: 'Editor 1.2' });
    const decoder = new TextDecoder('latin1');
    const everything = storage.keys().map((key) => key + decoder.decode(storage.get(key)));
    for (const trace of ['lovelace', 'usage', 'Editor', 'given']) {
      assert.ok(!everything.join().includes(trace), trace);
    }
  });

  test('records of two people cannot be swapped, and a failure is not "no consent"', async () => {
    const { consents, storage, key } = await fresh();
    await consents.grantConsent('ada', 'usage');
    await consents.refuseConsent('bob', 'usage');
    const [one, two] = storage.keys().filter((name) => name.startsWith('record.'));
    const [first, second] = [storage.get(one), storage.get(two)];
    storage.set(one, second);
    storage.set(two, first);
    const reader = await open(storage, key);
    for (const user of ['ada', 'bob']) {
      assert.equal(reader.hasConsent(user, 'usage'), false);
      assert.throws(() => reader.getUserConsents(user), 'ERR_CRYPTO_OPEN_FAILED');
      await assert.rejects(reader.exportUserData(user), 'ERR_CRYPTO_OPEN_FAILED');
      await assert.rejects(reader.grantConsent(user, 'usage'), 'ERR_CRYPTO_OPEN_FAILED');
    }
    assert.equal(reader.unreadable.length, 2);
  });

  test('another keyset opens nothing, and a lost key is its own error', async () => {
    const { consents, storage, key } = await fresh();
    await consents.grantConsent('ada', 'usage');
    await assert.rejects(open(storage, keyset()), 'ERR_CRYPTO_OPEN_FAILED');
    storage.delete(storage.keys().find((name) => name.startsWith('key.')));
    const reader = await open(storage, key);
    assert.throws(() => reader.getUserConsents('ada'), 'ERR_CONSENT_KEY_LOST');
    storage.delete('identity');
    await assert.rejects(open(storage, key), 'ERR_CONSENT_KEY_LOST');
  });

  test('an older record put back is refused, after a restart too if there is an anchor', async () => {
    const anchor = new lib.MemoryAnchor();
    const { consents, storage, key } = await fresh({ anchor });
    await consents.grantConsent('ada', 'usage');
    const name = storage.keys().find((it) => it.startsWith('record.'));
    const given = storage.get(name);
    await consents.withdrawConsent('ada');
    const withdrawn = storage.get(name);
    storage.set(name, given);
    await assert.rejects(consents.refresh('ada'), 'ERR_CONSENT_ROLLED_BACK');
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    const restarted = await open(storage, key, { anchor });
    assert.equal(restarted.hasConsent('ada', 'usage'), false);
    assert.throws(() => restarted.getUserConsents('ada'), 'ERR_CONSENT_ROLLED_BACK');
    storage.set(name, withdrawn);
    await restarted.refresh('ada');
    assert.equal(restarted.explain('ada', 'usage'), 'withdrawn');
    storage.delete(name);
    await assert.rejects(restarted.refresh('ada'), 'ERR_CONSENT_ROLLED_BACK');
  });

  test('a record written without its anchor is accepted at the next start', async () => {
    const anchor = new lib.MemoryAnchor();
    const failing = { read: (name) => anchor.read(name), advance: () => {} };
    const [storage, key] = [new lib.MemoryStore(), keyset()];
    const consents = await open(storage, key, { anchor });
    await consents.grantConsent('ada', 'usage');
    const killed = await open(storage, key, { anchor: failing });
    await killed.withdrawConsent('ada');
    const restarted = await open(storage, key, { anchor });
    assert.equal(restarted.explain('ada', 'usage'), 'withdrawn');
    await restarted.grantConsent('ada', 'usage');
    assert.equal(restarted.hasConsent('ada', 'usage'), true);
  });

  test('cleanup hooks run on withdrawal, are tried again, and are reported when they fail', async () => {
    const { consents, storage, key } = await fresh();
    const seen = [];
    let broken = 2;
    consents.onCleanup('usage', async (task) => {
      seen.push(task.reason);
      if (broken-- > 0) throw new Error('the disk is full');
    });
    await consents.grantConsent('ada', 'usage');
    const { cleanup } = await consents.withdrawConsent('ada');
    assert.deepEqual([cleanup[0].status, cleanup[0].attempts], ['done', 3]);
    assert.deepEqual(seen, ['ended', 'ended', 'ended']);

    await consents.grantConsent('ada', 'usage');
    broken = 99;
    const failures = [];
    consents.onDidFailCleanup((failure) => failures.push(failure.purposeId));
    const failed = await consents.withdrawConsent('ada');
    assert.deepEqual([failed.withdrawn, failed.cleanup[0].status], [['usage'], 'failed']);
    assert.equal(failed.cleanup[0].error.message, 'the disk is full');
    assert.deepEqual(failures, ['usage']);
    assert.equal(consents.hasConsent('ada', 'usage'), false);

    // The next start does what is left.
    const done = [];
    const next = await open(storage, key, { hooks: { usage: ({ userId }) => void done.push(userId) } });
    await next.resumeCleanup();
    assert.equal(done[0], 'ada');
    const times = done.length;
    await next.resumeCleanup();
    assert.equal(done.length, times, 'what is done is not due any more');
  });

  test('a cleanup hook that ends the same consent, or erases the person, does not start itself', async () => {
    const { consents } = await fresh({ cleanup: { attempts: 2 } });
    const inner = [];
    consents.onCleanup('usage', async ({ reason }) => {
      if (inner.length > 20) return; // without a bound it would never end
      if (reason === 'erasure') return void (await consents.eraseUser('ada'));
      inner.push((await consents.withdrawConsent('ada')).cleanup.map(({ status }) => status));
    });
    await consents.grantConsent('ada', 'usage');
    const { cleanup } = await consents.withdrawConsent('ada');
    assert.deepEqual([cleanup.map(({ status }) => status), inner], [['done'], [['running']]]);
    await consents.grantConsent('ada', 'usage');
    await assert.rejects(consents.eraseUser('ada'), 'ERR_CONSENT_CLEANUP_FAILED');
    assert.equal((await consents.eraseUser('ada', { force: true })).incomplete[0], 'usage');
  });

  test('what is collected while a cleanup runs is cleaned up too', async () => {
    const { consents } = await fresh();
    let runs = 0;
    let release;
    const slow = new Promise((resolve) => (release = resolve));
    consents.onCleanup('usage', async () => void (++runs === 1 && (await slow)));
    await consents.grantConsent('ada', 'usage');
    const first = consents.withdrawConsent('ada');
    while (runs === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await consents.grantConsent('ada', 'usage');
    assert.equal((await consents.withdrawConsent('ada')).cleanup[0].status, 'done');
    assert.equal(runs, 2);
    release();
    assert.equal((await first).cleanup[0].status, 'done');
  });

  test('changes are told, here and from elsewhere', async () => {
    const { consents, storage, key } = await fresh();
    const other = await open(storage, key);
    await other.refresh('ada');
    const told = [];
    consents.onDidChangeConsent(({ origin, changes }) => told.push([origin, changes[0].to]));
    other.onDidChangeConsent(({ origin, changes }) => told.push([origin, changes[0].to]));
    await consents.grantConsent('ada', 'usage');
    await other.refresh('ada');
    assert.deepEqual(told, [
      ['here', 'given'],
      ['elsewhere', 'given'],
    ]);
  });

  test('a rotated keyset still reads, and seals the key anew with the next write', async () => {
    const { consents, storage, key } = await fresh();
    await consents.grantConsent('ada', 'usage');
    key.rotate();
    const after = await open(storage, key);
    assert.equal(after.hasConsent('ada', 'usage'), true);
    await after.grantConsent('ada', 'crash');
    assert.ok(key.isCurrent(storage.get(storage.keys().find((it) => it.startsWith('key.')))));
  });

  test('a store that can tell nobody of changes is read again after a while', async () => {
    const inner = new lib.MemoryStore();
    const plain = {
      get: (name) => inner.get(name),
      set: (name, value) => inner.set(name, value),
      delete: (name) => inner.delete(name),
      keys: () => inner.keys(),
      compareAndSet: (...all) => inner.compareAndSet(...all),
    };
    const consents = await open(plain, keyset(), { staleAfter: 500 });
    await consents.grantConsent('ada', 'usage');
    assert.equal(consents.hasConsent('ada', 'usage'), true);
    clock.advance(500);
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    await consents.refresh('ada');
    assert.equal(consents.hasConsent('ada', 'usage'), true);
  });

  test('a withdrawal that cannot be written still counts here, and the error says so', async () => {
    const inner = new lib.MemoryStore();
    let full = false;
    const storage = Object.create(inner, {
      get: { value: (name) => inner.get(name) },
      keys: { value: () => inner.keys() },
      stamp: { value: (name) => inner.stamp(name) },
      compareAndSet: {
        value: (...all) => {
          if (full) throw new Error('no space left');
          return inner.compareAndSet(...all);
        },
      },
    });
    const consents = await open(storage, keyset());
    await consents.grantConsent('ada', 'usage');
    full = true;
    let thrown;
    await consents.withdrawConsent('ada').catch((error) => (thrown = error));
    assert.equal(thrown?.message, 'no space left');
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    full = false;
    // A yes to something else does not bring back what was taken back.
    await consents.grantConsent('ada', 'crash');
    assert.deepEqual(
      [consents.hasConsent('ada', 'crash'), consents.explain('ada', 'usage')],
      [true, 'withdrawn'],
    );
    await consents.grantConsent('ada', 'usage');
    assert.equal(consents.hasConsent('ada', 'usage'), true);
  });

  test('a no after a yes counts from the call on too', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', 'usage');
    const refusal = consents.refuseConsent('ada', 'usage');
    assert.equal(consents.hasConsent('ada', 'usage'), false);
    await refusal;
    assert.equal(consents.explain('ada', 'usage'), 'withdrawn');
    await assert.rejects(consents.refuseConsent('ada', 'nothing'), 'ERR_ARGUMENT_INVALID');
  });

  test('a declaration is compared with another', () => {
    const wider = purpose('usage', { retentionPeriod: 31 * DAY, name: 'Statistics of use' });
    const [usage, crash, core] = lib.diffPurposes(purposes, [wider, purpose('new')]);
    assert.deepEqual([usage.purposeId, usage.material], ['usage', true]);
    assert.deepEqual(
      usage.changes.map((it) => [it.field, it.material]),
      [
        ['retentionPeriod', true],
        ['name', false],
      ],
    );
    assert.deepEqual([crash.fate, core.fate], ['added', 'removed']);
    assert.throws(() => lib.diffPurposes([{}], []), 'ERR_CONFIG_INVALID');
  });

  test('what is not an id is refused', async () => {
    const { consents } = await fresh();
    for (const bad of ['', 'x'.repeat(513), 7, undefined]) {
      await assert.rejects(
        (async () => consents.grantConsent(bad, 'usage'))(),
        typeof bad === 'string' && bad.length > 512 ? 'ERR_INPUT_TOO_LARGE' : 'ERR_ARGUMENT_INVALID',
      );
    }
  });

  test('after dispose every call says so', async () => {
    const { consents } = await fresh();
    consents.dispose();
    consents.dispose();
    assert.throws(() => consents.hasConsent('ada', 'usage'), 'ERR_DISPOSED');
    await assert.rejects(consents.grantConsent('ada', 'usage'), 'ERR_DISPOSED');
  });

  test('two people whose ids the core could not tell apart are refused', async () => {
    const { consents } = await fresh();
    for (const id of ['a\ud800', 'a\udbff']) {
      await assert.rejects(consents.grantConsent(id, 'usage'), 'ERR_ARGUMENT_INVALID');
      assert.throws(() => consents.hasConsent(id, 'usage'), 'ERR_ARGUMENT_INVALID');
    }
  });

  test('an argument of another kind is refused, and no consent is lost by it', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', 'usage');
    for (const wrong of [5, null, {}, Symbol('x')]) {
      assert.throws(() => consents.hasConsent('ada', 'usage', { dataType: wrong }), 'ERR_ARGUMENT_INVALID');
      assert.throws(() => consents.explain('ada', 'usage', { thirdParty: wrong }), 'ERR_ARGUMENT_INVALID');
      assert.throws(() => consents.hasConsent(wrong, 'usage'), 'ERR_ARGUMENT_INVALID');
      for (const call of [
        'requestConsent',
        'grantConsent',
        'refuseConsent',
        'withdrawConsent',
        'revokeConsent',
      ])
        await assert.rejects(consents[call]('ada', wrong), 'ERR_ARGUMENT_INVALID');
      await assert.rejects(consents.withdrawConsent('ada', [wrong]), 'ERR_ARGUMENT_INVALID');
    }
    await assert.rejects(consents.grantConsent('ada', 'usage', { method: () => {} }), 'ERR_CONFIG_INVALID');
    assert.ok(consents.hasConsent('ada', 'usage'));
  });

  test('an empty list of purposes is refused: it could mean none or all', async () => {
    const { consents } = await fresh();
    await consents.grantConsent('ada', 'usage');
    await assert.rejects(consents.withdrawConsent('ada', []), 'ERR_ARGUMENT_INVALID');
    assert.ok(consents.hasConsent('ada', 'usage'));
  });

  test('a clock that throws costs nobody a consent or a key', async () => {
    let broken = false;
    const now = () => {
      if (broken) throw new TypeError('no clock');
      return clock.now();
    };
    const keys = keyset();
    const store = new lib.ConsentStore(new lib.MemoryStore(), { keyset: keys });
    const consents = await lib.VesperaConsentManager.open(
      { store, purposes, controller },
      { clock: { now } },
    );
    await consents.grantConsent('ada', 'usage');
    broken = true;
    try {
      consents.hasConsent('ada', 'usage');
      throw new Error('nothing was thrown');
    } catch (error) {
      assert.equal(error.message, 'no clock');
    }
    broken = false;
    assert.ok(consents.hasConsent('ada', 'usage'));
    assert.equal(keys.generation, 1);
  });

  test('a store that fails means no, and the error is kept', async () => {
    const { storage, key, consents } = await fresh();
    await consents.grantConsent('ada', 'usage');
    let down = false;
    const fail = () => {
      if (down) throw new RangeError('the disk is gone');
    };
    const shaky = {
      get: (name) => (fail(), storage.get(name)),
      set: (...given) => storage.set(...given),
      delete: (name) => storage.delete(name),
      keys: () => storage.keys(),
      compareAndSet: (...given) => storage.compareAndSet(...given),
      stamp: (name) => (fail(), storage.stamp(name)),
    };
    const other = await open(shaky, key);
    assert.ok(other.hasConsent('ada', 'usage'));
    down = true;
    assert.equal(other.hasConsent('ada', 'usage'), false);
    const error = await assert.rejects(other.refresh('ada'), 'ERR_STORE_FAILED');
    assert.equal(error.cause.message, 'the disk is gone');
    assert.equal(other.unreadable[0].error.code, 'ERR_STORE_FAILED');
    assert.throws(() => other.getUserConsents('ada'), 'ERR_STORE_FAILED');
    down = false;
    await other.refresh('ada');
    assert.ok(other.hasConsent('ada', 'usage'));
  });

  test('what a manager, a vault or a keyset store is not made without is named', async () => {
    const store = new lib.ConsentStore(new lib.MemoryStore(), { keyset: keyset() });
    for (const options of [undefined, {}, { store: new lib.MemoryStore() }, { store }, { store, purposes }])
      await assert.rejects(lib.VesperaConsentManager.open(options), 'ERR_CONFIG_INVALID');
    assert.throws(() => new lib.SecretVault(), 'ERR_CONFIG_INVALID');
    assert.throws(() => new lib.KeysetStore({}), 'ERR_CONFIG_INVALID');
  });

  test('an option under a name that nobody knows is refused, and so is one of another kind', async () => {
    for (const options of [
      { hook: {} },
      { ui: {} },
      { hooks: { usage: 5 } },
      { cleanup: { retries: 3 } },
      { staleAfter: -1 },
      { staleAfter: 'soon' },
      { userAgent: '' },
    ])
      await assert.rejects(fresh(options), 'ERR_CONFIG_INVALID');
    await assert.rejects(fresh({ userAgent: 'x'.repeat(257) }), 'ERR_INPUT_TOO_LARGE');
    const [storage, key] = [new lib.MemoryStore(), keyset()];
    const store = new lib.ConsentStore(storage, { keyset: key });
    for (const host of [{ now: 5 }, { clock: {} }, { sleep: 5 }, null])
      await assert.rejects(
        lib.VesperaConsentManager.open({ store, purposes, controller }, host),
        'ERR_CONFIG_INVALID',
      );
    for (const options of [{ anker: {} }, { anchor: {} }, { keys: {} }])
      assert.throws(() => new lib.ConsentStore(storage, { keyset: key, ...options }), 'ERR_CONFIG_INVALID');
    assert.throws(() => new lib.ConsentStore({ get() {} }, { keyset: key }), 'ERR_CONFIG_INVALID');

    const { consents } = await fresh({
      ui: dialogue(({ context }) => context),
    });
    assert.throws(() => consents.onCleanup('usage', 5), 'ERR_CONFIG_INVALID');
    assert.throws(() => consents.onDidChangeConsent(5), 'ERR_ARGUMENT_INVALID');
    assert.throws(() => consents.hasConsent('ada', 'usage', { datatype: 'times' }), 'ERR_CONFIG_INVALID');
    // A misspelt limit must not become a yes without a limit.
    for (const answers of [
      { granted: ['usage'], condition: {} },
      { granted: ['usage'], conditions: { usgae: { dataTypes: ['times'] } } },
      { granted: ['usage'], conditions: { usage: { dataType: ['times'] } } },
      { granted: ['usage'], conditions: { usage: { expiryDate: 'tomorrow' } } },
    ]) {
      const refused = await consents.requestConsent('ada', 'usage', answers).catch((error) => error);
      assert.ok(/^ERR_(CONFIG|ARGUMENT)_INVALID$/.test(refused.code), refused.code);
    }
    for (const [grant, evidence] of [
      [{ purposeId: 'usage', condition: {} }],
      [{ purposeId: 'usage', conditions: { expires: 1 } }],
      ['usage', { ip: '127.0.0.1' }],
    ])
      await assert.rejects(consents.grantConsent('ada', [grant], evidence), 'ERR_CONFIG_INVALID');
    await assert.rejects(consents.grantConsent('ada', 'usage', { method: 'guess' }), 'ERR_ARGUMENT_INVALID');
    assert.equal(consents.hasConsent('ada', 'usage'), false);
  });
};
