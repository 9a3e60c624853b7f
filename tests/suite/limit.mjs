/** The token bucket, as its users see it. */
const second = { refillInterval: 1_000 };

export default ({ test, assert, lib, clock }) => {
  const bucket = (config) =>
    new lib.TokenBucket({ capacity: 5, refillRate: 1, ...second, ...config }, { clock });

  test('six requests against a bucket of five: the last one waits a second', () => {
    const five = bucket({});
    assert.deepEqual(
      Array.from({ length: 6 }, () => five.consumeTokens()),
      [true, true, true, true, true, false],
    );
    assert.equal(five.timeUntilAvailable(1), 1_000);
    clock.advance(1_000);
    assert.ok(five.consumeTokens());
  });

  test('a bucket polled faster than it fills loses nothing', () => {
    const polled = bucket({ capacity: 10, refillRate: 10, initialTokens: 0 });
    let taken = 0;
    for (let now = 0; now <= 10_000; now += 199, clock.advance(199)) while (polled.consumeTokens()) taken++;
    assert.ok(taken === 99 || taken === 100, `${taken} were taken`);
  });

  test('a clock that jumps back takes nothing away and gives nothing', () => {
    const steady = bucket({ initialTokens: 3 });
    clock.advance(-500_000);
    assert.equal(steady.getTokenCount(), 3);
    clock.advance(1_000);
    assert.equal(steady.getTokenCount(), 4);
  });

  test('the burst is on top of the capacity and comes back', () => {
    const burst = bucket({ burstAllowance: 2 });
    assert.equal(burst.getTokenCount(), 5);
    clock.advance(60_000);
    assert.equal(burst.getTokenCount(), 7);
  });

  test('taking is all or nothing', () => {
    const all = bucket({});
    assert.ok(!all.consumeTokens(6));
    assert.equal(all.getTokenCount(), 5);
    assert.equal(all.timeUntilAvailable(6), Number.POSITIVE_INFINITY);
  });

  test('a count that is not one is refused', () => {
    for (const count of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']) {
      assert.throws(() => bucket({}).consumeTokens(count), 'ERR_ARGUMENT_INVALID');
    }
  });
};
