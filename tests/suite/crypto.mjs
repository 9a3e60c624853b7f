/** Sealing, as its users see it. */
const bytes = (text) => new TextEncoder().encode(text);
const text = (sealed) => new TextDecoder().decode(sealed);
const kek = (byte) => new Uint8Array(32).fill(byte);
const pattern = (length) => Uint8Array.from({ length }, (_, at) => (at * 31) & 255);
const day = 86_400_000;

/** A record with one bit flipped. */
const flipped = (record, bit) => {
  const copy = record.slice();
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
};

export default ({ test, assert, lib, clock }) => {
  const keyset = (options) => lib.Keyset.generate({ clock, ...options });
  const context = { schema: 'note/1', recordId: '17', subject: 'ada', purpose: 'backup' };

  test('what was sealed opens', () => {
    const keys = keyset();
    for (const length of [0, 1, 512, 16_383, 16_384, 16_385, 40_000]) {
      const sealed = keys.seal(pattern(length), 'a');
      assert.equal(sealed.length, 61 + length + (Math.floor(length / 16_384) + 1) * 16);
      assert.deepEqual(keys.open(sealed, 'a'), pattern(length));
    }
    keys.dispose();
  });

  test('a flipped bit, a missing tail and something behind the end are refused', () => {
    const keys = keyset();
    const sealed = keys.seal(bytes('secret'), 'a');
    for (let bit = 0; bit < sealed.length * 8; bit++)
      assert.throws(() => keys.open(flipped(sealed, bit), 'a'), 'ERR_CRYPTO_OPEN_FAILED');
    for (let end = 0; end < sealed.length; end++)
      assert.throws(() => keys.open(sealed.subarray(0, end), 'a'), 'ERR_CRYPTO_OPEN_FAILED');
    const longer = new Uint8Array(sealed.length + 1);
    longer.set(sealed);
    assert.throws(() => keys.open(longer, 'a'), 'ERR_CRYPTO_OPEN_FAILED');
  });

  test('a record opens under its own context only', () => {
    const keys = keyset();
    const sealed = keys.seal(bytes('secret'), context);
    assert.equal(text(keys.open(sealed, { ...context })), 'secret');
    for (const other of [
      { ...context, schema: 'note/2' },
      { ...context, recordId: '18' },
      { ...context, subject: 'bob' },
      { ...context, purpose: 'training' },
      { ...context, schema: 'note/11', recordId: '7' },
      'note/1|17|ada|backup',
    ]) {
      const error = assert.throws(() => keys.open(sealed, other), 'ERR_CRYPTO_OPEN_FAILED');
      assert.ok(error instanceof lib.VesperaCryptoError);
      assert.ok(!error.message.includes('ada'));
    }
  });

  test('another keyset does not open the record', () => {
    const sealed = keyset().seal(bytes('secret'), 'a');
    assert.throws(() => keyset().open(sealed, 'a'), 'ERR_CRYPTO_OPEN_FAILED');
  });

  test('the bytes are the same, whether the core or the host seals them', async () => {
    const keys = keyset();
    for (const length of [0, 5_000, 16_384, 100_000, 163_840]) {
      const plaintext = pattern(length);
      assert.deepEqual(keys.open(await keys.sealAsync(plaintext, context), context), plaintext);
      assert.deepEqual(await keys.openAsync(keys.seal(plaintext, context), context), plaintext);
    }
  });

  test('the asynchronous calls refuse what the synchronous ones refuse', async () => {
    const keys = keyset();
    const sealed = await keys.sealAsync(pattern(50_000), 'a');
    const refused = (record, under = 'a') =>
      assert.rejects(keys.openAsync(record, under), 'ERR_CRYPTO_OPEN_FAILED');
    await refused(sealed, 'b');
    for (const bit of [0, 8, 40, 41 * 8, 61 * 8, 30_000 * 8, sealed.length * 8 - 1])
      await refused(flipped(sealed, bit));
    for (const end of [8_200, 16_461, 16_461 + 16_400, sealed.length - 1])
      await refused(sealed.slice(0, end));
    const swapped = sealed.slice();
    swapped.copyWithin(61, 61 + 16_400, 61 + 2 * 16_400);
    await refused(swapped);
  });

  test('a rotated keyset opens what its older keys sealed, and says what to seal anew', () => {
    const keys = keyset();
    const old = keys.seal(bytes('old'), 'a');
    assert.ok(keys.isCurrent(old));
    clock.advance(1_000);
    const id = keys.rotate();
    assert.ok(!keys.isCurrent(old));
    assert.equal(text(keys.open(old, 'a')), 'old');
    const anew = keys.reseal(old, 'a');
    assert.ok(keys.isCurrent(anew));
    assert.equal(text(keys.open(anew, 'a')), 'old');
    assert.ok(keys.reseal(anew, 'a') === anew);
    assert.throws(() => keys.reseal(old, 'b'), 'ERR_CRYPTO_OPEN_FAILED');
    assert.deepEqual(
      keys.keys.map(({ status, created, uses }) => ({ status, created, uses })),
      [
        { status: 'enabled', created: 1_000_000, uses: 1 },
        { status: 'primary', created: 1_001_000, uses: 1 },
      ],
    );
    assert.equal(keys.keys[1].id, id);
    assert.equal(keys.generation, 2);
  });

  test('a fresh key is due after 90 days, or after the period that was set', () => {
    const keys = keyset();
    clock.advance(90 * day - 1);
    assert.ok(!keys.rotationDue);
    clock.advance(1);
    assert.ok(keys.rotationDue);
    keys.rotate();
    assert.ok(!keys.rotationDue);
    assert.equal(keyset({ rotationPeriod: day }).rotationDueAt - clock.now(), day);
    assert.throws(() => keyset({ rotationPeriod: 0 }), 'ERR_CONFIG_INVALID');
  });

  test('the status of a key decides what it opens', () => {
    const keys = keyset();
    const sealed = keys.seal(bytes('secret'), 'a');
    const [{ id }] = keys.keys;
    assert.throws(() => keys.destroy(id), 'ERR_CRYPTO_KEY_INVALID');
    keys.rotate();
    keys.disable(id);
    assert.throws(() => keys.open(sealed, 'a'), 'ERR_CRYPTO_KEY_DISABLED');
    keys.enable(id);
    assert.equal(text(keys.open(sealed, 'a')), 'secret');
    keys.destroy(id);
    assert.throws(() => keys.open(sealed, 'a'), 'ERR_CRYPTO_KEY_DISABLED');
    assert.throws(() => keys.enable(id), 'ERR_CRYPTO_KEY_INVALID');
  });

  test('an exported keyset comes back with its key-encryption key, and with no other', () => {
    const keys = keyset();
    const sealed = keys.seal(bytes('secret'), 'a');
    const exported = keys.export(kek(1));
    keys.dispose();
    assert.equal(text(lib.Keyset.import(exported, kek(1)).open(sealed, 'a')), 'secret');
    assert.throws(() => lib.Keyset.import(exported, kek(2)), 'ERR_CRYPTO_OPEN_FAILED');
    assert.throws(() => lib.Keyset.import(flipped(exported, 900), kek(1)), 'ERR_CRYPTO_OPEN_FAILED');
    assert.throws(() => lib.Keyset.import(exported, kek(1).subarray(1)), 'ERR_CRYPTO_KEY_INVALID');
    assert.throws(() => lib.Keyset.import(bytes('not a keyset'), kek(1)), 'ERR_CRYPTO_KEY_INVALID');
  });

  test('a passphrase recovers a keyset whose key-encryption key is lost', () => {
    const keys = keyset();
    const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
    const passphrase = 'correct horse b\u0061\u0308ttery';
    const sealed = keys.seal(bytes('secret'), 'a');
    keys.export(kek(1), { passphrase, passphraseCost });
    keys.rotate();
    const later = keys.export(kek(1));
    const recovered = lib.Keyset.recover(later, passphrase.normalize('NFC'));
    assert.equal(text(recovered.open(sealed, 'a')), 'secret');
    assert.equal(recovered.generation, 3);
    assert.throws(() => lib.Keyset.recover(later, 'correct horse battery'), 'ERR_CRYPTO_OPEN_FAILED');
    const without = recovered.export(kek(1), { passphrase: null });
    assert.throws(() => lib.Keyset.recover(without, passphrase), 'ERR_CRYPTO_KEY_INVALID');
    assert.throws(() => keys.export(kek(1), { passphrase: 'short' }), 'ERR_ARGUMENT_INVALID');
    assert.throws(
      () => keys.export(kek(1), { passphrase, passphraseCost: { passes: 1 } }),
      'ERR_CONFIG_INVALID',
    );
  });

  test('a record over its limit is refused before it is copied', async () => {
    const small = keyset({ maxRecordBytes: 100, maxAsyncRecordBytes: 200 });
    assert.ok(small.open(small.seal(pattern(100), 'a'), 'a').length === 100);
    const error = assert.throws(() => small.seal(pattern(101), 'a'), 'ERR_INPUT_TOO_LARGE');
    assert.deepEqual(error.details, { size: 101, limit: 100 });
    const sealed = await small.sealAsync(pattern(200), 'a');
    assert.throws(() => small.open(sealed, 'a'), 'ERR_INPUT_TOO_LARGE');
    await assert.rejects(small.sealAsync(pattern(201), 'a'), 'ERR_INPUT_TOO_LARGE');
    assert.throws(() => keyset().seal(new Uint8Array(1_048_577), 'a'), 'ERR_INPUT_TOO_LARGE');
    assert.throws(() => keyset({ maxRecordBytes: 0 }), 'ERR_CONFIG_INVALID');
    assert.throws(() => keyset().seal(pattern(1), 'x'.repeat(4_097)), 'ERR_INPUT_TOO_LARGE');
  });

  test('what is no bytes or no context is refused by its name', () => {
    const keys = keyset();
    for (const plaintext of ['text', undefined, [1], new ArrayBuffer(1)])
      assert.throws(() => keys.seal(plaintext, 'a'), 'ERR_ARGUMENT_INVALID');
    for (const under of [undefined, null, 1, {}, { ...context, purpose: 1 }])
      assert.throws(() => keys.seal(pattern(1), under), 'ERR_ARGUMENT_INVALID');
  });

  test('an option under a name that nobody knows is refused, and so is one of another kind', () => {
    const refused = 'ERR_CONFIG_INVALID';
    const kek = pattern(32);
    const exported = keyset().export(kek);
    for (const options of [{ rotationperiod: 1 }, { clock: {} }, { clock: 5 }, null, []]) {
      assert.throws(() => lib.Keyset.generate(options), refused);
      assert.throws(() => lib.Keyset.import(exported, kek, options), refused);
    }
    assert.throws(() => lib.DataKey.generate({ limit: 5 }), refused);
    assert.throws(() => lib.DataKey.generate(null), refused);
    assert.throws(() => keyset().export(kek, { passPhrase: 'a long enough passphrase' }), refused);
    assert.throws(() => keyset().export(kek, null), refused);
    assert.throws(() => keyset().export(kek, { passphraseCost: { passes: 3 } }), refused);
    const [storage, secrets] = [new lib.MemoryStore(), { get() {}, store() {} }];
    const stands = { storage, secrets, hasRecords: () => false };
    for (const options of [
      { persist: true },
      { storage: {} },
      { secrets: {} },
      { secretsPersist: true },
      { name: 'My Keys' },
      { name: 5 },
    ])
      assert.throws(() => new lib.KeysetStore({ ...stands, ...options }), refused);
    for (const options of [{ vault: 'a' }, { anchor: {} }, null])
      assert.throws(() => new lib.SecretVault(keyset(), storage, options), refused);
    assert.throws(() => new lib.SecretVault(keyset(), {}), refused);
  });

  test('a data key seals the records of one subject', () => {
    const keys = keyset();
    const key = lib.DataKey.generate();
    const record = key.seal(bytes('secret'), context);
    const sealed = keys.sealDataKey(key, 'subject/ada');
    key.dispose();
    assert.throws(() => key.seal(bytes(''), 'a'), 'ERR_DISPOSED');
    const again = keys.openDataKey(sealed, 'subject/ada');
    assert.equal(text(again.open(record, context)), 'secret');
    assert.throws(() => keys.openDataKey(sealed, 'subject/bob'), 'ERR_CRYPTO_OPEN_FAILED');
    assert.throws(() => keys.open(sealed, 'subject/ada'), 'ERR_CRYPTO_OPEN_FAILED');
  });

  test('a commitment names a value, survives rotation and shows nothing elsewhere', () => {
    const keys = keyset();
    const commitment = keys.commit('user', 'ada');
    keys.rotate();
    assert.equal(commitment.length, 32);
    assert.deepEqual(keys.commit('user', bytes('ada')), commitment);
    assert.ok(keys.verifyCommitment('user', 'ada', commitment));
    assert.ok(!keys.verifyCommitment('user', 'bob', commitment));
    assert.ok(!keys.verifyCommitment('mail', 'ada', commitment));
    assert.ok(!keyset().verifyCommitment('user', 'ada', commitment));
  });

  test('a signature is verified without a keyset', () => {
    const keys = keyset();
    const key = lib.SigningKey.generate();
    const { publicKey } = key;
    const signature = key.sign(bytes('receipt'));
    assert.ok(lib.verifySignature(publicKey, bytes('receipt'), signature));
    assert.ok(!lib.verifySignature(publicKey, bytes('receipts'), signature));
    assert.ok(!lib.verifySignature(publicKey, bytes('receipt'), flipped(signature, 3)));
    assert.throws(() => lib.verifySignature(pattern(31), bytes(''), signature), 'ERR_CRYPTO_KEY_INVALID');
    const again = keys.openSigningKey(keys.sealSigningKey(key, 'receipts'), 'receipts');
    assert.deepEqual(again.publicKey, publicKey);
  });

  test('a keyset that was disposed of does nothing more', async () => {
    const keys = keyset();
    const sealed = keys.seal(bytes('secret'), 'a');
    keys.dispose();
    keys[Symbol.dispose]?.();
    assert.throws(() => keys.open(sealed, 'a'), 'ERR_DISPOSED');
    await assert.rejects(keys.openAsync(sealed, 'a'), 'ERR_DISPOSED');
    assert.throws(() => keys.export(kek(1)), 'ERR_DISPOSED');
  });

  // A storage and secrets as an editor has them; a window is a KeysetStore over both.
  const editor = () => {
    const files = new Map();
    const secrets = new Map();
    const storage = {
      get: async (key) => files.get(key),
      set: async (key, value) => void files.set(key, value),
      delete: async (key) => void files.delete(key),
      keys: async () => [...files.keys()],
      compareAndSet: async (key, expected, value) => {
        if (`${files.get(key)}` !== `${expected}`) return false;
        files.set(key, value);
        return true;
      },
    };
    const window = (options) =>
      new lib.KeysetStore({
        storage,
        secrets: {
          get: async (key) => secrets.get(key),
          store: async (key, value) => void secrets.set(key, value),
        },
        hasRecords: () => files.has('record'),
        clock,
        ...options,
      });
    return { files, secrets, storage, window };
  };

  test('no key yet, and a key that is lost, are not the same', async () => {
    const { files, secrets, window } = editor();
    await assert.rejects(window().open(), 'ERR_CRYPTO_NO_KEY');
    const keys = await window().openOrCreate();
    files.set('record', keys.seal(bytes('secret'), 'a'));
    assert.equal(text((await window().open()).open(files.get('record'), 'a')), 'secret');

    const kept = files.get('keyset');
    files.delete('keyset');
    for (const attempt of ['open', 'create', 'openOrCreate'])
      await assert.rejects(window()[attempt](), 'ERR_CRYPTO_KEY_LOST');
    files.set('keyset', kept);
    secrets.clear();
    for (const attempt of ['open', 'create', 'openOrCreate'])
      await assert.rejects(window()[attempt](), 'ERR_CRYPTO_KEY_LOST');
  });

  test('a lost key comes back by its passphrase, and the records with it', async () => {
    const { files, secrets, window } = editor();
    const passphrase = 'correct horse battery';
    const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
    const keys = await window().create({ passphrase, passphraseCost });
    files.set('record', keys.seal(bytes('secret'), 'a'));
    secrets.clear();
    await assert.rejects(window().recover('correct horse batterie'), 'ERR_CRYPTO_OPEN_FAILED');
    await window().recover(passphrase);
    assert.equal(text((await window().open()).open(files.get('record'), 'a')), 'secret');
  });

  test('starting fresh is a decision, and keeps the former keyset', async () => {
    const { files, secrets, window } = editor();
    const keys = await window().create();
    files.set('record', keys.seal(bytes('secret'), 'a'));
    const former = files.get('keyset');
    secrets.clear();
    const fresh = await window().startFresh();
    assert.throws(() => fresh.open(files.get('record'), 'a'), 'ERR_CRYPTO_OPEN_FAILED');
    assert.deepEqual(files.get('keyset.given-up-1000000'), former);
    await window().open();
  });

  test('a key that is gone tomorrow is used only where that was allowed', async () => {
    const { window } = editor();
    const secretsPersist = () => false;
    await assert.rejects(window({ secretsPersist }).openOrCreate(), 'ERR_CRYPTO_KEY_VOLATILE');
    await assert.rejects(window({ secretsPersist }).startFresh(), 'ERR_CRYPTO_KEY_VOLATILE');
    await window({ secretsPersist, allowVolatile: true }).openOrCreate();
    await window({ secretsPersist, allowVolatile: true }).open();
    await assert.rejects(window({ secretsPersist }).open(), 'ERR_CRYPTO_KEY_VOLATILE');
  });

  test('a keyset that was put back to an older one is refused', async () => {
    const { files, window } = editor();
    const store = window();
    const keys = await store.create();
    const older = files.get('keyset');
    keys.rotate();
    await store.save(keys);
    files.set('keyset', older);
    await assert.rejects(window().open(), 'ERR_CRYPTO_ROLLED_BACK');
  });

  test('a window does not undo what another one changed', async () => {
    const { window } = editor();
    const [one, other] = [window(), window()];
    const mine = await one.create();
    const theirs = await other.open();
    theirs.rotate();
    await other.save(theirs);
    mine.rotate();
    await assert.rejects(one.save(mine), 'ERR_CRYPTO_KEYSET_CHANGED');
    const again = await one.open();
    assert.equal(again.generation, 2);
    again.rotate();
    await one.save(again);
    assert.equal((await window().open()).generation, 3);
  });

  test('of two windows that begin at once, one makes the keyset and both then open it', async () => {
    const { files, window } = editor();
    const outcomes = await Promise.allSettled([window().create(), window().create()]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(outcomes.find(({ reason }) => reason).reason.code, 'ERR_CRYPTO_KEYSET_CHANGED');
    const winner = outcomes.find(({ value }) => value).value;
    files.set('record', winner.seal(bytes('secret'), 'a'));
    assert.equal(text((await window().open()).open(files.get('record'), 'a')), 'secret');
  });

  test('a vault keeps tokens by name and shows neither name nor token', async () => {
    const { files, storage } = editor();
    const vault = new lib.SecretVault(keyset(), storage);
    await vault.set('github', 'ghp_first');
    await vault.set('github', 'ghp_second');
    await vault.set('gitlab', 'glpat_\u{1f511}');
    assert.equal(await vault.get('github'), 'ghp_second');
    assert.equal(await vault.get('gitlab'), 'glpat_\u{1f511}');
    assert.equal(await vault.get('bitbucket'), undefined);
    assert.deepEqual(await vault.names(), ['github', 'gitlab']);
    assert.ok(await vault.matches('github', 'ghp_second'));
    assert.ok(!(await vault.matches('github', 'ghp_first')));
    assert.ok(!(await vault.matches('bitbucket', '')));
    const shown = [...files].map(([key, value]) => key + text(value)).join();
    assert.ok(!/github|gitlab|ghp|glpat/.test(shown), shown);
    await vault.delete('github');
    assert.ok(!(await vault.has('github')) && (await vault.has('gitlab')));
  });

  test('a vault notices every entry that does not open', async () => {
    const { files, storage } = editor();
    const keys = keyset();
    const vault = new lib.SecretVault(keys, storage);
    for (const name of ['one', 'two', 'three']) await vault.set(name, `token ${name}`);
    files.set('vault.of-someone-else', bytes('kept'));
    assert.deepEqual(await vault.validate(), []);
    const [first, second] = [...files.keys()];
    const [a, b] = [files.get(first), files.get(second)];
    files.set(first, b).set(second, a);
    assert.deepEqual(
      await vault.validate(),
      [first, second].map((key) => ({ key, code: 'ERR_CRYPTO_OPEN_FAILED' })),
    );
    // An entry that does not open is never taken for none.
    await assert.rejects(vault.get('one'), 'ERR_CRYPTO_OPEN_FAILED');
    await assert.rejects(vault.matches('one', 'token one'), 'ERR_CRYPTO_OPEN_FAILED');
    files.set(first, a).set(second, b);
    assert.deepEqual(await vault.validate(), []);
    await assert.rejects(new lib.SecretVault(keyset(), storage).names(), 'ERR_CRYPTO_OPEN_FAILED');
    assert.equal(await new lib.SecretVault(keys, storage, { name: 'other' }).get('one'), undefined);
  });

  test('a vault moves to the primary key, and the old one can go', async () => {
    const { storage } = editor();
    const keys = keyset();
    const vault = new lib.SecretVault(keys, storage);
    for (const name of ['one', 'two']) await vault.set(name, `token ${name}`);
    const [{ id }] = keys.keys;
    keys.rotate();
    await vault.set('two', 'token two');
    const { get } = storage;
    // Another window writes while this one seals anew.
    storage.get = async (key) => {
      const sealed = await get(key);
      storage.get = get;
      await vault.set('one', 'token one of the other window');
      return sealed;
    };
    assert.equal(await vault.rotate(), 0);
    assert.equal(await vault.get('one'), 'token one of the other window');
    keys.rotate();
    assert.equal(await vault.rotate(), 2);
    assert.equal(await vault.rotate(), 0);
    keys.destroy(id);
    assert.equal(await vault.get('one'), 'token one of the other window');
    assert.deepEqual(await vault.validate(), []);
  });

  test('a vault refuses an older entry put back, also one that was deleted', async () => {
    const { files, storage } = editor();
    const keys = keyset();
    const anchor = new lib.MemoryAnchor();
    const open = () => new lib.SecretVault(keys, storage, { anchor });
    const vault = open();
    await vault.set('github', 'leaked');
    const [place] = files.keys();
    const older = files.get(place);
    await vault.set('github', 'fresh');
    const newer = files.get(place);
    files.set(place, older);
    for (const it of [vault, open()]) {
      await assert.rejects(it.get('github'), 'ERR_CRYPTO_ROLLED_BACK');
      await assert.rejects(it.matches('github', 'leaked'), 'ERR_CRYPTO_ROLLED_BACK');
      assert.deepEqual(await it.validate(), [{ key: place, code: 'ERR_CRYPTO_ROLLED_BACK' }]);
    }
    files.set(place, newer);
    assert.equal(await open().get('github'), 'fresh');
    await vault.delete('github');
    assert.equal(await vault.get('github'), undefined);
    files.set(place, newer);
    await assert.rejects(open().get('github'), 'ERR_CRYPTO_ROLLED_BACK');
    await vault.set('github', 'anew');
    assert.equal(await open().get('github'), 'anew');
    // A crash between the entry and the anchor leaves an entry that is one ahead.
    files.set(place, newer);
    assert.equal(await new lib.SecretVault(keys, storage).get('github'), 'fresh');
  });

  test('a vault without an anchor remembers as long as it lives', async () => {
    const { files, storage } = editor();
    const vault = new lib.SecretVault(keyset(), storage);
    await vault.set('github', 'leaked');
    const [[place, older]] = files;
    await vault.set('github', 'fresh');
    files.set(place, older);
    await assert.rejects(vault.get('github'), 'ERR_CRYPTO_ROLLED_BACK');
  });

  test('reading a vault while it is written finds the former value or the new one', async () => {
    const { storage } = editor();
    const vault = new lib.SecretVault(keyset(), storage);
    await vault.set('github', '0');
    for (let round = 1; round <= 20; round++) {
      const [, ...read] = await Promise.all([
        vault.set('github', String(round)),
        ...Array.from({ length: 5 }, () => vault.get('github')),
      ]);
      for (const value of read) assert.ok(value === String(round) || value === String(round - 1), value);
    }
  });

  test('a text with half a surrogate pair is refused where two of them would be one', async () => {
    const keys = keyset();
    const vault = new lib.SecretVault(keys, new lib.MemoryStore());
    const [half, pair] = ['a\ud800', { schema: 'a\ud83d', recordId: '\udd11', subject: '', purpose: '' }];
    for (const work of [
      () => keys.seal(bytes('x'), half),
      () => keys.seal(bytes('x'), pair),
      () => keys.commit(half, 'x'),
      () => keys.commit('x', half),
      () => keys.export(kek(1), { passphrase: `correct horse ${half}` }),
    ])
      assert.throws(work, 'ERR_ARGUMENT_INVALID');
    for (const work of [
      vault.set(half, 'x'),
      vault.set('x', half),
      vault.get(half),
      vault.matches('x', half),
    ])
      await assert.rejects(work, 'ERR_ARGUMENT_INVALID');
    assert.equal(text(keys.open(keys.seal(bytes('x'), '\u{1f511}'), '\u{1f511}')), 'x');
  });

  test('a number that would reach the core as another one is refused', () => {
    const keys = keyset();
    const passphrase = 'correct horse battery';
    for (const passphraseCost of [
      { memory: 2 ** 32 + 19_456 },
      { passes: 2.9 },
      { lanes: -1 },
      { memroy: 19_456 },
    ])
      assert.throws(() => keys.export(kek(1), { passphrase, passphraseCost }), 'ERR_CONFIG_INVALID');
    keys.rotate();
    const [{ id }] = keys.keys;
    for (const wrong of [id + 2 ** 32, id + 0.5, String(id), Symbol('id'), null])
      assert.throws(() => keys.disable(wrong), 'ERR_ARGUMENT_INVALID');
    assert.equal(keys.keys[0].status, 'enabled');
  });

  test('what is no key is refused where a key is sealed, and a signing key has a context of one text', () => {
    const keys = keyset();
    for (const wrong of [undefined, null, {}, keys]) {
      assert.throws(() => keys.sealDataKey(wrong, 'a'), 'ERR_ARGUMENT_INVALID');
      assert.throws(() => keys.sealSigningKey(wrong, 'a'), 'ERR_ARGUMENT_INVALID');
    }
    const parts = { schema: 'a', recordId: 'b', subject: 'c', purpose: 'd' };
    assert.throws(() => keys.sealSigningKey(lib.SigningKey.generate(), parts), 'ERR_ARGUMENT_INVALID');
  });

  test('a passphrase recovers a keyset whose stored key-encryption key is damaged', async () => {
    const { secrets, window } = editor();
    const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
    await window().create({ passphrase: 'correct horse battery', passphraseCost });
    const [[name, stored]] = secrets;
    secrets.set(name, stored.slice(0, -1));
    await assert.rejects(window().open(), 'ERR_CRYPTO_KEY_LOST');
    await window().recover('correct horse battery');
    await window().open();
  });

  test('a copy that a former passphrase opens is refused', async () => {
    const { files, window } = editor();
    const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
    const store = window();
    const keys = await store.create({ passphrase: 'correct horse battery', passphraseCost });
    const leaked = files.get('keyset');
    await store.save(keys, { passphrase: null });
    files.set('keyset', leaked);
    await assert.rejects(window().open(), 'ERR_CRYPTO_ROLLED_BACK');
  });
};
