/** The OpenFeature providers behind the real SDK. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { OpenFeature } from '@openfeature/server-sdk';
import * as lib from '../../pkg/node.mjs';

const require = createRequire(import.meta.url);
const { VesperaFlagProvider, VesperaWebFlagProvider } = require('../../pkg/openfeature.cjs');

const flags = new lib.SecurityFeatureFlags({ foundation: true, off: false });
flags.setFlag('part', { enabled: true, rolloutPercentage: 50 });
await OpenFeature.setProviderAndWait(new VesperaFlagProvider(flags));
const client = OpenFeature.getClient();

test('a provider has a name', () => {
  assert.equal(OpenFeature.providerMetadata.name, 'vespera-security');
});

test('a flag that is on, off or for a part says so and why', async () => {
  const on = await client.getBooleanDetails('foundation', false);
  assert.deepEqual([on.value, on.variant, on.reason, on.errorCode], [true, 'on', 'STATIC', undefined]);
  const off = await client.getBooleanDetails('off', true);
  assert.deepEqual([off.value, off.variant, off.reason], [false, 'off', 'DISABLED']);
  for (const targetingKey of ['ada', 'bob', 'eve', 'mallory']) {
    const part = await client.getBooleanDetails('part', false, { targetingKey });
    assert.deepEqual([part.value, part.reason], [flags.isEnabled('part', targetingKey), 'SPLIT']);
  }
});

test('a flag that is not there and a type that is not boolean give the default with an error code', async () => {
  const missing = await client.getBooleanDetails('nope', true);
  assert.deepEqual([missing.value, missing.reason, missing.errorCode], [true, 'ERROR', 'FLAG_NOT_FOUND']);
  for (const [details, fallback] of [
    [await client.getStringDetails('foundation', 'x'), 'x'],
    [await client.getNumberDetails('foundation', 7), 7],
    [await client.getObjectDetails('foundation', { a: 1 }), { a: 1 }],
  ]) {
    assert.deepEqual(
      [details.value, details.reason, details.errorCode],
      [fallback, 'ERROR', 'TYPE_MISMATCH'],
    );
    assert.ok(details.errorMessage);
  }
});

test('what is no subject or no name gives the default with an error code of the specification', async () => {
  const strange = await client.getBooleanDetails('part', true, { targetingKey: 5 });
  assert.deepEqual([strange.value, strange.errorCode], [true, 'INVALID_CONTEXT']);
  for (const details of [
    await client.getBooleanDetails('x'.repeat(5_000), true),
    await client.getBooleanDetails('part', true, { targetingKey: 'x'.repeat(5_000) }),
    await client.getStringDetails('x'.repeat(5_000), 'y'),
  ])
    assert.deepEqual([details.reason, details.errorCode], ['ERROR', 'GENERAL']);
  const gone = new lib.SecurityFeatureFlags({ foundation: true });
  const provider = new VesperaWebFlagProvider(gone);
  gone.dispose();
  assert.equal(provider.resolveBooleanEvaluation('foundation', true).errorCode, 'GENERAL');
  for (const Provider of [VesperaFlagProvider, VesperaWebFlagProvider])
    for (const none of [null, undefined, {}])
      assert.throws(() => new Provider(none), { code: 'ERR_CONFIG_INVALID' });
});

test('the SDK hears of a change, and an emergency stop reaches it', async () => {
  const heard = [];
  client.addHandler('PROVIDER_CONFIGURATION_CHANGED', ({ flagsChanged }) => heard.push(...flagsChanged));
  flags.emergencyStop();
  assert.equal(await client.getBooleanValue('foundation', true), false);
  flags.resume();
  assert.equal(await client.getBooleanValue('foundation', false), true);
  assert.deepEqual(new Set(heard), new Set(['foundation', 'off', 'part']));
});

test('the provider for the web answers at once', () => {
  const provider = new VesperaWebFlagProvider(flags);
  assert.deepEqual(
    [provider.metadata.name, provider.runsOn, provider.resolveBooleanEvaluation('foundation', false).value],
    ['vespera-security', 'client', true],
  );
  assert.equal(provider.resolveStringEvaluation('foundation', 'x').errorCode, 'TYPE_MISMATCH');
});

test('a provider that is no longer used hears nothing, and hears again when it is', async () => {
  const own = new lib.SecurityFeatureFlags();
  for (const provider of [new VesperaFlagProvider(own), new VesperaWebFlagProvider(own)]) {
    let heard = 0;
    const listen = () => provider.events.addHandler('PROVIDER_CONFIGURATION_CHANGED', () => (heard += 1));
    listen();
    own.setFlag('foundation', true);
    await provider.onClose();
    own.setFlag('foundation', false);
    assert.equal(heard, 1);
    listen();
    own.setFlag('foundation', true);
    assert.equal(heard, 2);
    await provider.onClose();
  }
});
