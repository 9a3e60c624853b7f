/** The file store, between processes: nothing is lost, nothing is half, and a withdrawal is seen at once. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as lib from '../../pkg/node.mjs';
import { memento } from '../suite/consent-world.mjs';
import { CONTROLLER, PURPOSES } from './consent-writer.mjs';

const root = mkdtempSync(join(tmpdir(), 'vespera-consent-'));
after(() => rmSync(root, { recursive: true, force: true }));

const KEK = new Uint8Array(32).fill(7);
let folders = 0;

/** A folder with a keyset that other processes can open. */
function place() {
  const folder = join(root, String((folders += 1)));
  const keyset = lib.Keyset.generate();
  return { folder, keyset, exported: Buffer.from(keyset.export(KEK)).toString('base64') };
}

const open = ({ folder, keyset }, options = {}) =>
  lib.VesperaConsentManager.open({
    store: new lib.ConsentStore(new lib.FileStore(folder), { keyset }),
    purposes: PURPOSES,
    controller: CONTROLLER,
    ...options,
  });

/** Another process on the same folder; answers what it says. */
function writer({ folder, exported }, ...args) {
  const path = fileURLToPath(new URL('consent-writer.mjs', import.meta.url));
  const child = fork(path, [folder, exported, ...args], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const said = [];
  child.on('message', (message) => said.push(message));
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
  return { child, said, ended };
}

test('a withdrawal in another process is seen by the next question', async () => {
  const here = place();
  const consents = await open(here);
  await consents.grantConsent('ada', ['p0', 'p1']);
  assert.ok(consents.hasConsent('ada', 'p0'));
  const { ended } = writer(here, 'withdraw', 'ada');
  assert.deepEqual(await ended, { code: 0, signal: null });
  assert.equal(consents.hasConsent('ada', 'p0'), false);
  await consents.refresh('ada');
  assert.equal(consents.explain('ada', 'p0'), 'withdrawn');
});

test('two processes that grant different purposes at once lose none', async () => {
  const here = place();
  await open(here);
  const writers = [0, 1, 2].map((part) => writer(here, 'grant', 'ada', String(part), '3'));
  for (const { ended } of writers) assert.equal((await ended).code, 0);
  const consents = await open(here);
  const missing = PURPOSES.filter(({ id }) => !consents.hasConsent('ada', id)).map(({ id }) => id);
  assert.deepEqual(missing, []);
  const [record] = readdirSync(here.folder).filter((name) => name.startsWith('record.'));
  assert.equal(readdirSync(join(here.folder, record)).length, 1, 'one file for each person');
});

test('no user id stands in a file or its name', async () => {
  const here = place();
  const consents = await open(here);
  await consents.grantConsent('ada.lovelace@example.com', 'p0');
  const files = readdirSync(here.folder, { recursive: true, withFileTypes: true }).filter((it) =>
    it.isFile(),
  );
  assert.equal(files.length, 3, 'identity, key and record');
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    assert.ok(!path.includes('lovelace') && !readFileSync(path, 'latin1').includes('lovelace'), path);
  }
});

test('kill -9 during a thousand concurrent writes leaves every record whole, old or new', async () => {
  const here = place();
  const seed = await open(here);
  const users = Array.from({ length: 16 }, (_, at) => `user-${at}`);
  for (const user of users) await seed.grantConsent(user, 'p0');

  const acknowledged = new Map();
  let writes = 0;
  let kills = 0;
  while (writes < 1_000) {
    const running = [0, 1, 2, 3].map((part) => writer(here, 'storm', users.join(','), String(part)));
    const until = writes + 170;
    const count = () => running.reduce((sum, { said }) => sum + said.length, 0);
    for (let waited = 0; count() < until - writes && waited < 20_000; waited += 5) await wait(5);
    // In the middle of whatever they do.
    for (const { child } of running) {
      await wait(Math.random() * 15);
      child.kill('SIGKILL');
    }
    for (const { ended, said } of running) {
      assert.equal((await ended).signal, 'SIGKILL');
      kills += 1;
      writes += said.length;
      for (const { user, round } of said) {
        acknowledged.set(user, Math.max(round, acknowledged.get(user) ?? 0));
      }
    }
  }
  assert.ok(kills >= 4);

  const consents = await open(here);
  assert.deepEqual(consents.unreadable, []);
  for (const user of users) {
    const { consents: records } = await consents.exportUserData(user);
    assert.ok(
      records.some(({ purposeId }) => purposeId === 'p0'),
      `${user} was lost`,
    );
    // Each write stamps its round into the evidence: none that was acknowledged may be missing.
    const agents = records.flatMap(({ events }) => events.map((event) => event.evidence?.userAgent ?? '0'));
    const latest = Math.max(...agents.map(Number));
    assert.ok(latest >= (acknowledged.get(user) ?? 0), `${user}: ${latest} of ${acknowledged.get(user)}`);
  }
  // And the next writer is not held up by what the killed ones left.
  await consents.withdrawConsent(users[0]);
  assert.equal(consents.hasConsent(users[0], 'p0'), false);
});

test('what a killed writer leaves is taken away, and a torn file is an error', async () => {
  const here = place();
  const consents = await open(here);
  await consents.grantConsent('ada', 'p0');
  const [name] = readdirSync(here.folder).filter((it) => it.startsWith('record.'));
  const [version] = readdirSync(join(here.folder, name));
  const whole = readFileSync(join(here.folder, name, version));
  writeFileSync(join(here.folder, name, 'left.tmp'), whole.subarray(0, 20));
  assert.equal((await open(here)).hasConsent('ada', 'p0'), true);
  for (const torn of [whole.subarray(0, 2), whole.subarray(0, 40), Buffer.from('x')]) {
    writeFileSync(join(here.folder, name, version), torn);
    const reader = await open(here);
    assert.equal(reader.hasConsent('ada', 'p0'), false);
    assert.throws(() => reader.getUserConsents('ada'), { name: /^Vespera(Store|Crypto|Consent)Error$/ });
    assert.equal(reader.unreadable.length, 1);
  }
});

test('a key that is not a name is refused before it becomes a path', async () => {
  const store = new lib.FileStore(join(root, 'keys'));
  for (const key of ['../up', 'a/b', '', '.', 'A', 'x'.repeat(129), 'a\0b']) {
    await assert.rejects(async () => store.get(key), { code: 'ERR_ARGUMENT_INVALID' });
  }
});

test('a value that is no bytes, and an option that is none, are refused', async () => {
  const folder = join(root, 'values');
  const stores = [new lib.FileStore(folder), new lib.MementoStore(memento()), new lib.MemoryStore()];
  for (const store of stores) {
    await store.set('a', new Uint8Array([1]));
    for (const value of [undefined, null, 'x', [1], new ArrayBuffer(1)]) {
      await assert.rejects(async () => store.set('a', value), { code: 'ERR_ARGUMENT_INVALID' });
      await assert.rejects(async () => store.compareAndSet('a', new Uint8Array([1]), value), {
        code: 'ERR_ARGUMENT_INVALID',
      });
    }
    assert.deepEqual([...(await store.get('a'))], [1]);
  }
  const refused = { code: 'ERR_CONFIG_INVALID' };
  for (const options of [null, { size: 5 }, { limit: 'x' }, { limit: 0 }, { fs: {} }])
    assert.throws(() => new lib.FileStore(folder, options), refused);
  for (const bad of [undefined, null, {}, { get() {} }]) {
    assert.throws(() => new lib.MementoStore(bad), refused);
    assert.throws(() => new lib.SecretAnchor(bad), refused);
  }
  assert.throws(() => new lib.MementoStore(memento(), 5), refused);
});

test('of many writers with the same expectation exactly one succeeds', async () => {
  const store = new lib.FileStore(join(root, 'race'));
  const bytes = (text) => new TextEncoder().encode(text);
  for (let round = 0; round < 20; round++) {
    const before = await store.get('key');
    const writers = Array.from({ length: 8 }, (_, at) =>
      new lib.FileStore(join(root, 'race')).compareAndSet('key', before, bytes(`${round} ${at}`)),
    );
    const won = (await Promise.all(writers)).flatMap((success, at) => (success ? [at] : []));
    assert.equal(won.length, 1);
    assert.deepEqual(await store.get('key'), bytes(`${round} ${won[0]}`));
  }
  await store.delete('key');
  assert.equal(await store.get('key'), undefined);
  assert.deepEqual(await store.keys(), []);
  assert.equal(await store.compareAndSet('key', undefined, bytes('again')), true);
  assert.deepEqual(await store.keys(), ['key']);
});

test('a writer that was overtaken while it slept undoes nothing', async () => {
  const { promises, statSync } = await import('node:fs');
  const folder = join(root, 'sleepy');
  const bytes = (text) => new TextEncoder().encode(text);
  const quick = new lib.FileStore(folder);
  await quick.set('key', bytes('first'));
  // Between reading and publishing, others write three versions: the name it wants is free again.
  let overtaken = false;
  const sleepy = new lib.FileStore(folder, {
    fs: {
      statSync,
      promises: {
        ...promises,
        link: async (from, to) => {
          if (!overtaken) {
            overtaken = true;
            for (const text of ['second', 'third', 'fourth']) await quick.set('key', bytes(text));
          }
          return promises.link(from, to);
        },
      },
    },
  });
  assert.equal(await sleepy.compareAndSet('key', bytes('first'), bytes('late')), false);
  assert.deepEqual(await quick.get('key'), bytes('fourth'));

  // Overtaken after publishing: the write happened, and what came after it descends from it.
  let published = false;
  const slow = new lib.FileStore(folder, {
    fs: {
      statSync,
      promises: {
        ...promises,
        link: async (from, to) => {
          await promises.link(from, to);
          if (!published) {
            published = true;
            for (const text of ['sixth', 'seventh']) await quick.set('key', bytes(text));
          }
        },
      },
    },
  });
  assert.equal(await slow.compareAndSet('key', bytes('fourth'), bytes('fifth')), true);
  assert.deepEqual(await quick.get('key'), bytes('seventh'));
});

/** The functions of node:fs with some of them replaced. */
async function fileSystem(replaced) {
  const { promises, statSync } = await import('node:fs');
  return { statSync, promises: { ...promises, ...replaced(promises) } };
}

test('what others put into the folder is not removed and not followed', async () => {
  const folder = join(root, 'shared');
  const store = new lib.FileStore(folder);
  await store.set('key', new Uint8Array([1]));
  mkdirSync(join(folder, 'elsewhere'));
  const theirs = join(folder, 'elsewhere', 'upload.tmp');
  writeFileSync(theirs, 'of another program');
  utimesSync(theirs, 0, 0);
  assert.deepEqual(await store.keys(), ['key']);
  assert.ok(existsSync(theirs));
  // A later version that is a link leads to a device without an end, or to a file of someone else.
  for (const target of ['/dev/zero', join(folder, 'key', '1')]) {
    symlinkSync(target, join(folder, 'key', '2'));
    await assert.rejects(store.get('key'), { code: 'ERR_STORE_FAILED' });
    rmSync(join(folder, 'key', '2'));
  }
  assert.deepEqual(await store.get('key'), new Uint8Array([1]));
});

test('a full disk is an error, leaves the former value and no half file', async () => {
  const folder = join(root, 'full');
  let full = false;
  const fs = await fileSystem(({ open: original }) => ({
    open: async (...given) => {
      const file = await original(...given);
      if (!full) return file;
      return {
        writeFile: async () => {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        },
        sync: () => file.sync(),
        close: () => file.close(),
      };
    },
  }));
  const store = new lib.FileStore(folder, { fs });
  await store.set('key', new Uint8Array([1]));
  full = true;
  const error = await store.set('key', new Uint8Array([2])).catch((thrown) => thrown);
  assert.equal(error.code, 'ERR_STORE_FAILED');
  assert.ok(error.message.includes('ENOSPC') && !error.message.includes(folder), error.message);
  assert.deepEqual(readdirSync(join(folder, 'key')), ['1']);
  assert.deepEqual(await new lib.FileStore(folder).get('key'), new Uint8Array([1]));
});

test('a new name is on the disk before the former one goes', async () => {
  const folder = join(root, 'ordered');
  const steps = [];
  const fs = await fileSystem(({ open: original, unlink }) => ({
    open: (path, flags, ...rest) => {
      if (flags === 'r') steps.push(`sync ${path === folder ? 'store' : 'key'}`);
      return original(path, flags, ...rest);
    },
    unlink: (path) => {
      if (!path.endsWith('.tmp')) steps.push('remove');
      return unlink(path);
    },
  }));
  const store = new lib.FileStore(folder, { fs });
  await store.set('key', new Uint8Array([1]));
  assert.deepEqual(steps.splice(0), ['sync key', 'sync store']);
  await store.set('key', new Uint8Array([2]));
  assert.deepEqual(steps.splice(0), ['sync key', 'remove', 'sync key']);
});
