/** The engine and the errors: what holds for every domain. */
const bucket = { capacity: 5, refillRate: 1, refillInterval: 1_000 };

export default ({ test, assert, lib, clock }) => {
  test('init may be called before, after and twice', async () => {
    await lib.init();
    new lib.TokenBucket(bucket, { clock }).dispose();
    await lib.init();
  });

  test('disposing twice is nothing, use after it is an error', () => {
    const gone = new lib.TokenBucket(bucket, { clock });
    gone.dispose();
    gone.dispose();
    const error = assert.throws(() => gone.consumeTokens(), 'ERR_DISPOSED');
    assert.ok(error instanceof lib.VesperaEngineError);
    assert.ok(!(error instanceof lib.VesperaConfigurationError));
  });

  test('an object leaves its number to the next one, and the two do not meet', () => {
    const first = new lib.TokenBucket(bucket, { clock });
    first.dispose();
    const second = new lib.TokenBucket(bucket, { clock });
    first.dispose();
    assert.ok(second.consumeTokens());
  });

  test('a refused configuration names the field and not its value', () => {
    const error = assert.throws(
      () => new lib.TokenBucket({ ...bucket, capacity: 'hunter2' }),
      'ERR_CONFIG_INVALID',
    );
    assert.ok(error instanceof lib.VesperaConfigurationError);
    assert.ok(error.message.includes('capacity'), error.message);
    assert.ok(!error.message.includes('hunter2'), error.message);
  });

  test('a field that nobody knows is refused', () => {
    const error = assert.throws(() => new lib.TokenBucket({ ...bucket, capasity: 1 }), 'ERR_CONFIG_INVALID');
    assert.ok(error.message.includes('capasity'), error.message);
  });

  test('a configuration that throws when it is read leaves the engine alone', () => {
    const hostile = { ...bucket };
    Object.defineProperty(hostile, 'capacity', {
      enumerable: true,
      get: () => {
        throw new TypeError('mine');
      },
    });
    try {
      new lib.TokenBucket(hostile);
      throw new Error('nothing was thrown');
    } catch (error) {
      assert.equal(error.message, 'mine');
    }
    assert.ok(new lib.TokenBucket(bucket, { clock }).consumeTokens());
  });

  test('a configuration over its limit is refused before it is copied', () => {
    const error = assert.throws(
      () => new lib.TokenBucket({ ...bucket, note: 'x'.repeat(70_000) }),
      'ERR_INPUT_TOO_LARGE',
    );
    assert.equal(error.details.limit, lib.LIMITS.configuration.default);
  });

  test('an error survives a message channel', () => {
    const error = assert.throws(() => new lib.TokenBucket({}), 'ERR_CONFIG_INVALID');
    const arrived = lib.VesperaSecurityError.fromJSON(structuredClone(error.toJSON()));
    assert.ok(arrived instanceof lib.VesperaConfigurationError);
    assert.ok(lib.isVesperaSecurityError(arrived));
    assert.deepEqual(arrived.toJSON(), error.toJSON());
    assert.throws(
      () => lib.VesperaSecurityError.fromJSON({ code: 'EVIL', message: '' }),
      'ERR_ARGUMENT_INVALID',
    );
  });
};
