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

  test('bytes whose buffer was transferred are refused, and no object is lost by it', () => {
    const keyset = lib.Keyset.generate();
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    for (const work of [
      () => keyset.seal(gone, 'a'),
      () => keyset.open(gone, 'a'),
      () => keyset.export(gone),
      () => lib.Keyset.import(gone, new Uint8Array(32)),
      () => lib.verifySignature(gone, gone, gone),
    ])
      assert.throws(work, 'ERR_ARGUMENT_INVALID');
    assert.equal(keyset.open(keyset.seal(new Uint8Array(0), 'a'), 'a').length, 0);
    assert.equal(keyset.generation, 1);
  });

  test('a long list of nothing is refused by its length', () => {
    assert.throws(
      () => new lib.TokenBucket({ ...bucket, capacity: new Array(2 ** 32 - 1) }),
      'ERR_INPUT_TOO_LARGE',
    );
    const endless = Object.assign([1], { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) });
    assert.throws(() => new lib.TokenBucket({ ...bucket, capacity: endless }), 'ERR_CONFIG_INVALID');
  });

  test('half a surrogate pair counts as the three bytes it becomes', () => {
    const text = (length) => '\ud800'.repeat(length);
    const html = new lib.HtmlSanitizer({ profile: 'chat', limits: { bytes: 30 } });
    html.sanitize(text(10));
    const error = assert.throws(() => html.sanitize(text(11)), 'ERR_INPUT_TOO_LARGE');
    assert.equal(error.details.size, 33);
    html.sanitize('\u{1f511}'.repeat(7));
    assert.throws(() => html.sanitize('\u{1f511}'.repeat(8)), 'ERR_INPUT_TOO_LARGE');
  });

  test('what is made by a static function alone is not made with new', () => {
    for (const Class of [lib.Keyset, lib.DataKey, lib.SigningKey])
      assert.throws(() => new Class(undefined, {}), 'ERR_ARGUMENT_INVALID');
  });

  test('a word that is none of a few brings those, and not itself', () => {
    const { message } = assert.throws(() => new lib.HtmlSanitizer({ profile: 'chta' }), 'ERR_CONFIG_INVALID');
    assert.ok(message.includes('`chat`') && !message.includes('chta'), message);
  });
};
