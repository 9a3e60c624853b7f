/** The input sanitizer, as its users see it. */
export default ({ test, assert, lib }) => {
  const run = (input, scope, config) => {
    const sanitizer = new lib.VesperaInputSanitizer(config);
    try {
      return sanitizer.sanitize(input, scope);
    } finally {
      sanitizer.dispose();
    }
  };

  test('a script is cleaned away and does not block', () => {
    const result = run('<script>alert("xss")</script>Hello world', 'user_input');
    assert.equal(result.sanitized, 'Hello world');
    assert.deepEqual(
      result.threats.map(({ type }) => type),
      ['xss'],
    );
    assert.equal(result.safe, true);
    assert.equal(result.blocked, false);
    assert.deepEqual(result.processed, ['html']);
    assert.ok(result.processingTime >= 0);
  });

  test('what remains blocks', () => {
    const result = run("'; DROP TABLE users; --", 'user_input');
    assert.deepEqual(
      result.threats.map(({ type }) => type),
      ['sql_injection'],
    );
    assert.equal(result.blocked, true);
    assert.equal(result.safe, false);
    assert.equal(result.sanitized, '');
  });

  test('a script URL does not reach the webview', () => {
    const result = run(`<a href="javascript:alert('xss')">link</a>`, 'webview');
    assert.ok(!result.sanitized.includes('javascript:'));
    assert.ok(result.sanitized.includes('link'));
    assert.equal(result.blocked, false);
  });

  test('plain text passes as it is', () => {
    for (const text of ['a < b && c > d', 'Tom & Jerry', 'naïve 👋', '']) {
      assert.deepEqual(run(text, 'user_input').sanitized, text);
    }
  });

  test('strict mode throws', () => {
    const thrown = assert.throws(
      () => run("'; DROP TABLE users; --", 'user_input', { strict: true }),
      'ERR_THREAT_BLOCKED',
    );
    assert.ok(thrown instanceof lib.VesperaThreatError);
  });

  test('actions decide what remains', () => {
    const actions = (action) => ({ scopes: { user_input: { actions: { sql_injection: action } } } });
    assert.equal(run("'; DROP TABLE users; --", 'user_input', actions('log')).blocked, false);
    assert.equal(run("'; DROP TABLE users; --", 'user_input', actions('sanitize')).blocked, false);
    const seen = [];
    run("'; DROP TABLE users; --", 'user_input', {
      ...actions('alert'),
      onAlert: (threat) => seen.push(threat.type),
    });
    assert.deepEqual(seen, ['sql_injection']);
    assert.equal(run('x\u001b]52;c;aGk=\u0007y', 'user_input').sanitized, 'xy');
  });

  test('processors run in order', () => {
    const scopes = {
      message: {
        processors: [
          { type: 'normalize', form: 'NFKC' },
          { type: 'trim', maxLength: 5 },
          { type: 'regex-replace', pattern: '(a)(b)', replacement: '$2$1' },
          { type: 'custom', name: 'shout', process: (text) => text.toUpperCase() },
          { type: 'encoding', for: 'html' },
        ],
      },
    };
    const result = run('  ab<cd efgh', 'message', { scopes });
    assert.equal(result.sanitized, 'BA&lt;CD');
    assert.deepEqual(result.processed, ['trim', 'regex-replace', 'shout', 'encoding']);
  });

  test('data is sanitized string by string, and loses its prototype keys', () => {
    const input = JSON.parse('{"a": ["<b onclick=x()>hi</b>"], "__proto__": {"admin": true}, "n": 1}');
    const result = run(input, 'user_input');
    assert.deepEqual(result.sanitized, { a: ['hi'], n: 1 });
    assert.deepEqual(result.threats.map(({ type }) => type).sort(), ['prototype_pollution', 'xss']);
    assert.equal(result.threats.find(({ type }) => type === 'xss').field, 'a[0]');
  });

  test('a configuration that cannot work is refused', () => {
    const bad = (rules) => () => run('x', 'message', { scopes: { message: rules } });
    assert.throws(bad({ threshold: 'huge' }), 'ERR_CONFIG_INVALID');
    assert.throws(bad({ processors: [{ type: 'nothing' }] }), 'ERR_CONFIG_INVALID');
    assert.throws(
      bad({ processors: [{ type: 'regex-replace', pattern: '(', replacement: '' }] }),
      'ERR_CONFIG_INVALID',
    );
    assert.throws(() => run('x', 'nowhere'), 'ERR_ARGUMENT_INVALID');
  });

  test('a field that nobody knows, or of another kind, is refused when the sanitizer is made', () => {
    const step = (processor) => ({ scopes: { message: { processors: [processor] } } });
    const validator = { validate: (_, value) => ({ valid: true, value, errors: [] }) };
    for (const config of [
      { strictMode: true },
      { strict: 'yes' },
      { onAlert: 'log' },
      { scopes: null },
      { scopes: { message: null } },
      { scopes: { message: { treshold: 'low' } } },
      { scopes: { message: { actions: { sqli: 'log' } } } },
      { scopes: { message: { actions: { xss: 'ignore' } } } },
      { scopes: { message: { processors: 'trim' } } },
      step(null),
      step('trim'),
      step({ type: 'html' }),
      step({ type: 'html', profile: 'plain' }),
      step({ type: 'html', profile: 'chat', when: 'never' }),
      step({ type: 'html', profile: 'chat', add: {} }),
      step({ type: 'schema', schema: 'a' }),
      step({ type: 'schema', validator }),
      step({ type: 'regex-replace', pattern: 'a' }),
      step({ type: 'regex-replace', pattern: 5, replacement: '' }),
      step({ type: 'regex-replace', pattern: 'a', replacement: 5 }),
      step({ type: 'encoding', for: 'xml' }),
      step({ type: 'trim', maxLength: 1.5 }),
      step({ type: 'trim', max: 5 }),
      step({ type: 'normalize', form: 'NFD' }),
      step({ type: 'custom', process: (text) => text }),
      step({ type: 'custom', name: 'x', process: 'trim' }),
    ])
      assert.throws(() => new lib.VesperaInputSanitizer(config), 'ERR_CONFIG_INVALID');
    const broken = step({ type: 'schema', schema: 'a', validator: { validate: () => undefined } });
    assert.throws(() => run('x', 'message', broken), 'ERR_ARGUMENT_INVALID');
  });

  test('the defaults are those that are documented', () => {
    const secret = ['ghp', 'q8Zr2LwX9vT4nB7mKc3JdH6yPf5Gs1Wt0Ax2'].join('_');
    const inputs = ['<b>x</b><script>y()</script>', 'hi\u202e there', 'a\u001b]0;x\u0007b', '{{7*7}}'];
    const changed = ['hi there', 'ab', '{{7*7}}'];
    const asItIs = inputs.slice(1);
    const expected = {
      user_input: ['x', ...changed],
      message: ['<b>x</b>', ...changed],
      webview: ['<b>x</b>', ...changed],
      file_content: [inputs[0], ...asItIs],
      configuration: [inputs[0], ...asItIs],
      api_request: ['', 'hi there', 'ab', ''],
      api_response: ['<b>x</b>', ...changed],
      tool_definition: ['', ...asItIs],
      terminal_output: [inputs[0], ...changed],
    };
    for (const [scope, outputs] of Object.entries(expected)) {
      const alerts = [];
      const sanitizer = new lib.VesperaInputSanitizer({ onAlert: ({ type }) => alerts.push(type) });
      const clean = (input) => sanitizer.sanitize(input, scope).sanitized;
      assert.deepEqual([scope, ...inputs.map(clean)], [scope, ...outputs]);
      assert.deepEqual([clean(secret), clean('ann@example.org')], [secret, 'ann@example.org']);
      assert.equal(alerts.at(-1), 'secret');
    }
  });

  test('times and bytes go through as they are, and what would lose its texts is refused', () => {
    const data = { at: new Date(5), bytes: new Uint8Array([1, 2]), say: '<script>x()</script>hi' };
    const { sanitized } = run(data, 'message');
    assert.deepEqual([sanitized.at, sanitized.bytes, sanitized.say], [data.at, data.bytes, 'hi']);
    for (const lost of [new Map([['a', '<b onclick=x()>']]), new Set(['a'])])
      assert.throws(() => run({ lost }, 'message'), 'ERR_ARGUMENT_INVALID');
  });

  test('after dispose nothing is called safe', () => {
    const sanitizer = new lib.VesperaInputSanitizer();
    sanitizer.dispose();
    for (const input of ['x', {}, 5])
      assert.throws(() => sanitizer.sanitize(input, 'message'), 'ERR_DISPOSED');
  });
};
