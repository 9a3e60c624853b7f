/** The formats of `crypto` against an implementation that knows nothing of the package. */
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import {
  commitment,
  contextBytes,
  openExport,
  openRecord,
  sealExport,
  sealRecord,
} from './helpers/open-sealed.mjs';

const lib = createRequire(import.meta.url)('../../pkg/index.cjs');
const vectors = JSON.parse(readFileSync(new URL('../vectors/crypto.json', import.meta.url)));
const hex = (text) => Buffer.from(text, 'hex');
const pattern = (length) => Buffer.from(Array.from({ length }, (_, at) => (at * 31) & 255));
const asContext = (parts) =>
  parts.length === 1
    ? parts[0]
    : { schema: parts[0], recordId: parts[1], subject: parts[2], purpose: parts[3] };

test('node:crypto opens the committed records', () => {
  const { keys, generation, rotationPeriod } = openExport(hex(vectors.kek), hex(vectors.exported));
  assert.equal(generation, 3n);
  assert.equal(rotationPeriod, 90n * 86_400_000n);
  for (const { context, length, sealed } of vectors.records)
    assert.deepEqual(openRecord(keys, context, hex(sealed)), pattern(length));
  const { dataKey } = vectors;
  const inner = openRecord(keys, dataKey.context, hex(dataKey.sealed), 2);
  const own = new Map([[inner.readUInt32BE(0), inner.subarray(4)]]);
  assert.equal(
    openRecord(own, dataKey.record.context, hex(dataKey.record.sealed)).toString(),
    dataKey.record.text,
  );
});

test('node:crypto gives the committed commitment and verifies the committed signature', () => {
  const { commitmentKey } = openExport(hex(vectors.kek), hex(vectors.exported));
  const { domain, value, hmac } = vectors.commitment;
  assert.deepEqual(commitment(commitmentKey, domain, value), hex(hmac));
  const { publicKey, message, signature } = vectors.signature;
  // The DER of an Ed25519 public key is these twelve bytes and the key (RFC 8410).
  const der = Buffer.concat([hex('302a300506032b6570032100'), hex(publicKey)]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  assert.ok(verify(null, Buffer.from(message), key, hex(signature)));
  assert.ok(lib.verifySignature(hex(publicKey), Buffer.from(message), hex(signature)));
});

test('the package opens the committed bytes', () => {
  const keyset = lib.Keyset.import(hex(vectors.exported), hex(vectors.kek));
  assert.deepEqual(
    lib.Keyset.recover(hex(vectors.exported), vectors.passphrase).keys.map(({ id }) => id),
    keyset.keys.map(({ id }) => id),
  );
  for (const { context, length, sealed } of vectors.records)
    assert.deepEqual(Buffer.from(keyset.open(hex(sealed), asContext(context))), pattern(length));
  const { dataKey, signature } = vectors;
  const key = keyset.openDataKey(hex(dataKey.sealed), asContext(dataKey.context));
  assert.equal(
    Buffer.from(key.open(hex(dataKey.record.sealed), asContext(dataKey.record.context))).toString(),
    dataKey.record.text,
  );
  const signing = keyset.openSigningKey(hex(signature.sealed), asContext(dataKey.context));
  assert.deepEqual(Buffer.from(signing.publicKey), hex(signature.publicKey));
  assert.deepEqual(Buffer.from(signing.sign(Buffer.from(signature.message))), hex(signature.signature));
});

test('what one side seals, the other opens, at every length around a chunk', async () => {
  const keyset = lib.Keyset.generate();
  const kek = randomBytes(32);
  const { keys, primary } = openExport(kek, Buffer.from(keyset.export(kek)));
  const parts = ['schema', 'id', 'subject \u{1f511}', ''];
  for (const length of [0, 1, 31, 512, 16_383, 16_384, 16_385, 32_768, 100_001]) {
    const plaintext = randomBytes(length);
    const ours = Buffer.from(keyset.seal(plaintext, asContext(parts)));
    assert.deepEqual(openRecord(keys, parts, ours), plaintext);
    const hosts = Buffer.from(await keyset.sealAsync(plaintext, asContext(parts)));
    assert.deepEqual(openRecord(keys, parts, hosts), plaintext);
    const theirs = sealRecord(primary, keys.get(primary), parts, randomBytes(24), plaintext);
    assert.deepEqual(Buffer.from(keyset.open(theirs, asContext(parts))), plaintext);
    assert.deepEqual(Buffer.from(await keyset.openAsync(theirs, asContext(parts))), plaintext);
  }
});

/** The same without node:crypto, as in a browser. */
async function withWebCrypto(work) {
  const { getBuiltinModule } = process;
  process.getBuiltinModule = undefined;
  try {
    return await work();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
}

test('under one salt the core, both ciphers of the host and the document give the same bytes', async () => {
  const keyset = lib.Keyset.generate();
  const kek = randomBytes(32);
  const { keys, primary } = openExport(kek, Buffer.from(keyset.export(kek)));
  const plaintext = randomBytes(70_000);
  const sealedBy = {
    core: keyset.seal(plaintext, 'a'),
    node: await keyset.sealAsync(plaintext, 'a'),
    web: await withWebCrypto(() => keyset.sealAsync(plaintext, 'a')),
  };
  for (const sealed of Object.values(sealedBy)) {
    const salt = Buffer.from(sealed.subarray(5, 29));
    assert.deepEqual(Buffer.from(sealed), sealRecord(primary, keys.get(primary), ['a'], salt, plaintext));
  }
});

test('no two contexts give the same bytes', () => {
  const seen = new Set();
  const texts = ['', 'a', 'b', 'ab', 'a|b'];
  for (const a of texts) {
    seen.add(contextBytes([a]).toString('hex'));
    for (const b of texts)
      for (const c of texts) for (const d of texts) seen.add(contextBytes([a, b, c, d]).toString('hex'));
  }
  assert.equal(seen.size, 5 + 5 ** 4);
});

/** The keys of a keyset as they are sealed. */
function inner({ count, keys, recovery = '00', tail = '' }) {
  const counted = (count ?? keys.length).toString(16).padStart(4, '0');
  const start = `${'1'.padStart(16, '0')}${'1'.padStart(16, '0')}${'ab'.repeat(32)}${recovery}${counted}`;
  return hex(start + keys.join('') + tail);
}
const key = (id, status, secret = 'cd'.repeat(32), uses = '0'.repeat(16)) =>
  `${id}${status}${'0'.repeat(16)}${uses}${secret}`;
const primary = key('00000001', '00');

test('a keyset written by the document is imported', () => {
  const kek = randomBytes(32);
  const keys = [key('00000002', '03', ''), key('00000003', '02'), key('00000004', '01'), primary];
  const keyset = lib.Keyset.import(sealExport(kek, randomBytes(24), inner({ keys })), kek);
  assert.deepEqual(
    keyset.keys.map(({ id, status }) => [id, status]),
    [
      [2, 'destroyed'],
      [3, 'disabled'],
      [4, 'enabled'],
      [1, 'primary'],
    ],
  );
});

test('a key stops after 2^32 records, and a rotated keyset goes on', async () => {
  const kek = randomBytes(32);
  const nearly = key('00000001', '00', undefined, '00000000fffffffe');
  const keyset = lib.Keyset.import(sealExport(kek, randomBytes(24), inner({ keys: [nearly] })), kek);
  const sealed = keyset.seal(pattern(1), 'a');
  await keyset.sealAsync(pattern(10_000), 'a');
  assert.equal(keyset.keys[0].uses, 2 ** 32);
  const exhausted = { code: 'ERR_CRYPTO_KEY_EXHAUSTED' };
  assert.throws(() => keyset.seal(pattern(1), 'a'), exhausted);
  await assert.rejects(keyset.sealAsync(pattern(10_000), 'a'), exhausted);
  assert.deepEqual(Buffer.from(keyset.open(sealed, 'a')), pattern(1));
  // The count is part of what is exported: going out and in does not reset it.
  assert.throws(() => lib.Keyset.import(keyset.export(kek), kek).seal(pattern(1), 'a'), exhausted);
  keyset.rotate();
  keyset.seal(pattern(1), 'a');
});

const impossible = {
  'no key': { keys: [] },
  'no primary key': { keys: [key('00000001', '01')] },
  'two primary keys': { keys: [primary, key('00000002', '00')] },
  'one id twice': { keys: [primary, key('00000001', '01')] },
  'an id of 0': { keys: [primary, key('00000000', '01')] },
  'an unknown status': { keys: [primary, key('00000002', '04')] },
  'a primary key without bytes': { keys: [key('00000001', '00', '')] },
  'more keys than there are': { keys: [primary], count: 2 },
  'fewer keys than there are': { keys: [primary, key('00000002', '01')], count: 1 },
  'more keys than a keyset holds': { keys: [primary], count: 0xffff },
  'something behind the keys': { keys: [primary], tail: '00' },
  'a passphrase flag that is none': { keys: [primary], recovery: '02' },
  'a passphrase that costs a terabyte': {
    keys: [primary],
    recovery: `01${'00'.repeat(16)}400000000000000300000004${'00'.repeat(32)}`,
  },
};

for (const [what, wrong] of Object.entries(impossible)) {
  test(`an exported keyset with ${what} is refused, although its seal is right`, () => {
    const kek = randomBytes(32);
    const forged = sealExport(kek, randomBytes(24), inner(wrong));
    assert.throws(() => lib.Keyset.import(forged, kek), { code: 'ERR_CRYPTO_KEY_INVALID' });
  });
}

test('what a passphrase may cost the machine that opens a file is bounded', () => {
  const exported = hex(vectors.exported);
  for (const [offset, value] of [
    [128, 0x40000000],
    [132, 0x40000000],
    [136, 0x40000000],
    [128, 0],
    [132, 0],
    [136, 0],
  ]) {
    const changed = Buffer.from(exported);
    changed.writeUInt32BE(value, offset);
    assert.throws(() => lib.Keyset.recover(changed, vectors.passphrase), { code: 'ERR_CRYPTO_KEY_INVALID' });
  }
});
