/** Where the bytes of a key are in linear memory: everywhere they must be while it is used, and nowhere afterwards. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { derive, openExport, openRecord, recordContext } from './helpers/open-sealed.mjs';
import { watchMemory } from './helpers/watch-memory.mjs';

const { copies, stackDepth } = watchMemory();
const lib = createRequire(import.meta.url)('../../pkg/index.cjs');

const plaintext = randomBytes(600);
const kek = randomBytes(32);

/** An exported keyset, and the bytes of every secret in it. */
function exported(options) {
  const keyset = lib.Keyset.generate();
  keyset.rotate();
  const sealed = keyset.seal(plaintext, 'a');
  const bytes = keyset.export(kek, options);
  keyset.dispose();
  const { keys, commitmentKey } = openExport(kek, Buffer.from(bytes));
  return { bytes, sealed, secrets: [...keys.values(), commitmentKey] };
}

// The first test of the file: later ones sign and verify what is no secret.
test('no call that holds a secret writes deeper into the stack than is overwritten after it', () => {
  const keyset = lib.Keyset.generate();
  keyset.open(keyset.seal(plaintext, 'a'), 'a');
  keyset.commit('user', 'ada');
  const signing = lib.SigningKey.generate();
  signing.sign(plaintext);
  const passphrase = 'correct horse battery';
  const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
  const bytes = keyset.export(kek, { passphrase, passphraseCost });
  lib.Keyset.import(bytes, kek).dispose();
  lib.Keyset.recover(bytes, passphrase).dispose();
  // What is overwritten are 16 KiB; the frames above and beside them need less than 4 in any build.
  assert.ok(stackDepth() > 0 && stackDepth() < 20 * 1024, `${stackDepth()} bytes`);
  signing.dispose();
  keyset.dispose();
});

test('the search finds a key that is in use', () => {
  const { bytes, secrets } = exported();
  const keyset = lib.Keyset.import(bytes, kek);
  for (const secret of secrets) assert.ok(copies(secret) >= 2);
  keyset.dispose();
});

test('a key that is in use stands in one place', () => {
  const { bytes, sealed, secrets } = exported();
  const keyset = lib.Keyset.import(bytes, kek);
  keyset.open(sealed, 'a');
  keyset.commit('a', 'b');
  for (const secret of secrets) assert.equal(copies(secret), 2, 'two halves');
  keyset.dispose();
});

const uses = {
  'import and dispose at once': () => {},
  'import, seal, open, dispose': (keyset, sealed) => {
    keyset.open(sealed, 'a');
    keyset.open(keyset.seal(plaintext, 'b'), 'b');
  },
  'import, a record that does not open, dispose': (keyset, sealed) => {
    assert.throws(() => keyset.open(sealed, 'b'));
    assert.throws(() => keyset.open(sealed.subarray(0, 100), 'a'));
  },
  'import, commit, export, rotate, dispose': (keyset) => {
    keyset.commit('user', 'ada');
    keyset.verifyCommitment('user', 'ada', new Uint8Array(32));
    keyset.export(kek);
    keyset.rotate();
  },
};

for (const [name, use] of Object.entries(uses)) {
  test(`${name}: no key is left`, () => {
    const { bytes, sealed, secrets } = exported();
    const keyset = lib.Keyset.import(bytes, kek);
    use(keyset, sealed);
    keyset.dispose();
    for (const secret of [...secrets, kek]) assert.equal(copies(secret), 0);
  });
}

test('the key of one record is left neither by sealing nor by opening it', () => {
  const keyset = lib.Keyset.generate();
  const { keys, primary } = openExport(kek, Buffer.from(keyset.export(kek)));
  const key = (sealed) =>
    derive(keys.get(primary), Buffer.from(sealed.subarray(5, 29)), recordContext(primary, 1, ['a'])).key;
  const sealed = keyset.seal(plaintext, 'a');
  assert.equal(copies(key(sealed)), 0);
  keyset.open(sealed, 'a');
  assert.equal(copies(key(sealed)), 0);
  keyset.dispose();
});

test('a data key and a signing key are left neither before nor after they were sealed', () => {
  const keyset = lib.Keyset.generate();
  const { keys } = openExport(kek, Buffer.from(keyset.export(kek)));
  const [data, signing] = [lib.DataKey.generate(), lib.SigningKey.generate()];
  const sealedData = Buffer.from(keyset.sealDataKey(data, 'a'));
  const sealedSigning = Buffer.from(keyset.sealSigningKey(signing, 'a'));
  const dataKey = openRecord(keys, ['a'], sealedData, 2).subarray(4);
  const seed = openRecord(keys, ['a'], sealedSigning, 3);
  // What signs is the seed's hash, its first half with five bits set (RFC 8032, section 5.1.5).
  const scalar = createHash('sha512').update(seed).digest();
  for (const secret of [dataKey, seed]) assert.ok(copies(secret) >= 2, 'in use');
  data.open(data.seal(plaintext, 'a'), 'a');
  signing.sign(plaintext);
  data.dispose();
  signing.dispose();
  for (const secret of [dataKey, seed, scalar.subarray(1, 33), scalar.subarray(32)])
    assert.equal(copies(secret), 0);
  keyset.openDataKey(sealedData, 'a').dispose();
  keyset.openSigningKey(sealedSigning, 'a').dispose();
  for (const secret of [dataKey, seed, scalar.subarray(1, 33), scalar.subarray(32)])
    assert.equal(copies(secret), 0);
  keyset.dispose();
});

test('a passphrase and the key of it are not left', () => {
  const passphrase = 'correct horse battery staple of a memory test';
  const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
  const { bytes, secrets } = exported({ passphrase, passphraseCost });
  lib.Keyset.recover(bytes, passphrase).dispose();
  for (const secret of [...secrets, Buffer.from(passphrase)]) assert.equal(copies(secret), 0);
});

test('a key is gone as soon as it is destroyed', () => {
  const { bytes, secrets } = exported();
  const keyset = lib.Keyset.import(bytes, kek);
  keyset.destroy(keyset.keys[0].id);
  assert.equal(copies(secrets[0]), 0);
  keyset.dispose();
});

test('a plaintext is not left, neither sealed nor opened', () => {
  const keyset = lib.Keyset.generate();
  const secret = randomBytes(32);
  const sealed = keyset.seal(secret, 'a');
  assert.equal(copies(secret), 0);
  keyset.open(sealed, 'a');
  assert.equal(copies(secret), 0);
  keyset.dispose();
});

test('a token in a vault is not left, whatever letters it has', async () => {
  const keyset = lib.Keyset.generate();
  const vault = new lib.SecretVault(keyset, new lib.MemoryStore());
  // Memory with gaps of every size: a text that grows while it is copied in would have to move.
  const others = Array.from({ length: 64 }, (_, at) => new lib.HtmlSanitizer({ idPrefix: 'x'.repeat(at) }));
  for (let at = 0; at < others.length; at += 2) others[at].dispose();
  for (const letters of [0, 1, 20, 40, 100]) {
    const secret = randomBytes(48).toString('base64');
    const token = secret + '\u{1f511}'.repeat(letters);
    await vault.set('github', token);
    assert.equal(await vault.get('github'), token);
    assert.ok(await vault.matches('github', token));
    assert.equal(copies(Buffer.from(secret.slice(16, 48))), 0, `${letters} letters`);
  }
  keyset.dispose();
});

test('a call that is refused leaves no key either', () => {
  const passphrase = 'correct horse battery staple of a refused call';
  const passphraseCost = { memory: 19_456, passes: 2, lanes: 1 };
  const { bytes, secrets } = exported({ passphrase, passphraseCost });
  const wrong = randomBytes(32);
  const refusals = [
    () => lib.Keyset.import(bytes, wrong),
    () => lib.Keyset.import(bytes, wrong.subarray(1)),
    () => lib.Keyset.import(bytes.subarray(0, bytes.length - 1), kek),
    () => lib.Keyset.recover(bytes, `${passphrase}!`),
    () => lib.Keyset.recover(bytes.subarray(0, bytes.length - 1), passphrase),
    () => lib.Keyset.import(bytes, kek, { rotationPeriod: 1 }),
  ];
  for (const refused of refusals) {
    assert.throws(refused);
    for (const secret of [...secrets, kek, wrong, wrong.subarray(1), Buffer.from(passphrase)])
      assert.equal(copies(secret), 0);
  }
});

/** Runs a call with a function of an object replaced by one that notes the key it is given. */
async function noted(object, name, at, work) {
  const original = object[name];
  const seen = [];
  object[name] = (...given) => {
    seen.push({ given: given[at], copy: Buffer.from(given[at]) });
    return original.apply(object, given);
  };
  try {
    await work();
  } finally {
    object[name] = original;
  }
  return seen;
}

const hosts = {
  'node:crypto': { object: process.getBuiltinModule('node:crypto'), name: 'createSecretKey', at: 0 },
  WebCrypto: { object: globalThis.crypto.subtle, name: 'importKey', at: 1 },
};

for (const [host, { object, name, at }] of Object.entries(hosts)) {
  test(`the key of one record, handed to ${host}, is not left`, async () => {
    const keyset = lib.Keyset.generate();
    const long = randomBytes(50_000);
    const { getBuiltinModule } = process;
    if (host === 'WebCrypto') process.getBuiltinModule = undefined;
    const seen = await noted(object, name, at, async () => {
      const sealed = await keyset.sealAsync(long, 'a');
      assert.deepEqual(Buffer.from(await keyset.openAsync(sealed, 'a')), long);
    });
    process.getBuiltinModule = getBuiltinModule;
    assert.equal(seen.length, 2);
    for (const { given, copy } of seen) {
      assert.equal(copies(copy), 0);
      assert.ok(
        given.every((byte) => byte === 0),
        'the copy in JavaScript is wiped',
      );
    }
    keyset.dispose();
  });
}
