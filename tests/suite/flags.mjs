/** Feature flags, as their users see them. */
const PHASES = ['foundation', 'rateLimiting', 'consentManagement', 'inputSanitization', 'fullIntegration'];

export default ({ test, assert, lib }) => {
  const opened = () => new lib.SecurityFeatureFlags(Object.fromEntries(PHASES.map((phase) => [phase, true])));

  test('a phase is closed without an earlier one', () => {
    const flags = opened();
    assert.ok(flags.isEnabled('fullIntegration'));
    flags.setFlag('rateLimiting', false);
    assert.ok(flags.isEnabled('foundation'));
    for (const phase of PHASES.slice(2)) assert.equal(flags.evaluate(phase).reason, 'phase-closed');
  });

  test('an emergency stop turns everything off and remembers what it was', () => {
    const flags = opened();
    flags.setFlag('extra', false);
    const before = flags.toJSON();
    flags.emergencyStop();
    assert.ok(PHASES.every((phase) => !flags.isEnabled(phase)));
    assert.equal(flags.evaluate('foundation').reason, 'stopped');
    const kept = new lib.SecurityFeatureFlags(flags.toJSON());
    assert.ok(kept.stopped && !kept.isEnabled('foundation'));
    kept.resume();
    assert.deepEqual(kept.toJSON(), before);
  });

  test('a set of many flags comes back whole, and what is none is refused', () => {
    const flags = new lib.SecurityFeatureFlags(opened().toJSON());
    for (let n = 0; n < 2_000; n++) flags.setFlag(`experiment-${n}`, { enabled: true, phase: 'foundation' });
    const again = new lib.SecurityFeatureFlags(flags.toJSON());
    assert.ok(again.isEnabled('experiment-1999'));
    for (const bad of [null, 7, 'on'])
      assert.throws(() => new lib.SecurityFeatureFlags(bad), 'ERR_CONFIG_INVALID');
  });

  test('growing a rollout takes nobody out', () => {
    const flags = new lib.SecurityFeatureFlags();
    const users = Array.from({ length: 500 }, (_, n) => `user-${n}`);
    let before = [];
    for (const rolloutPercentage of [0, 10, 30, 60, 100]) {
      flags.setFlag('new', { enabled: true, rolloutPercentage });
      const on = users.filter((user) => flags.isEnabled('new', user));
      assert.ok(
        before.every((user) => on.includes(user)),
        `${rolloutPercentage} %`,
      );
      before = on;
    }
    assert.equal(before.length, users.length);
    flags.setFlag('new', { enabled: true, rolloutPercentage: 99 });
    assert.ok(!flags.isEnabled('new'), 'a rollout needs a subject');
  });

  test('whoever listens hears what changed', () => {
    const flags = opened();
    const heard = [];
    const subscription = flags.onDidChange(({ flags: names }) => heard.push(...names));
    flags.setFlag('a', true);
    flags.removeFlag('a');
    subscription.dispose();
    flags.setFlag('b', true);
    assert.deepEqual(heard, ['a', 'a']);
    assert.equal(flags.evaluate('a').reason, 'unknown');
  });

  test('what is out of range is refused by its field', () => {
    const flags = new lib.SecurityFeatureFlags();
    const refused = (flag) => assert.throws(() => flags.setFlag('a', flag), 'ERR_CONFIG_INVALID').message;
    assert.ok(refused({ enabled: true, rolloutPercentage: 101 }).includes('rolloutPercentage'));
    assert.ok(refused({ enabled: true, phase: 'last' }).includes('phase'));
    assert.ok(refused({ enabled: true, rollout: 5 }).includes('rollout'));
    assert.throws(() => flags.setFlag('', true), 'ERR_ARGUMENT_INVALID');
    assert.throws(() => flags.setFlag('__proto__', true), 'ERR_ARGUMENT_INVALID');
    for (const none of [[], [true], new Map([['a', true]]), new Set(['a']), null, 'a'])
      assert.throws(() => new lib.SecurityFeatureFlags(none), 'ERR_CONFIG_INVALID');
    assert.throws(
      () => new lib.SecurityFeatureFlags({ version: 2, stopped: false, flags: {} }),
      'ERR_CONFIG_INVALID',
    );
  });
};
