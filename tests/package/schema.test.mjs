/** Schemas, through the package's own entry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { path } from '../../js/scripts/run.mjs';

await import(pathToFileURL(path('pkg', 'node.mjs')));
const { SchemaValidator } = await import(pathToFileURL(path('pkg', 'schema.node.mjs')));

const refuses = (schema, code) => assert.throws(() => new SchemaValidator().register('x', schema), { code });

test('a value is checked, and errors say where and never what', () => {
  const validator = new SchemaValidator();
  validator.register('user', {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', minLength: 2 }, age: { type: 'integer', maximum: 150 } },
  });
  assert.deepEqual(validator.validate('user', { name: 'Ann' }), {
    valid: true,
    value: { name: 'Ann' },
    errors: [],
  });
  const { valid, value, errors } = validator.validate('user', { name: 'Ann', age: 4111 });
  assert.equal(valid, false);
  assert.equal(value, undefined);
  assert.ok(errors.some(({ path, keyword }) => path === '/age' && keyword === 'maximum'));
  assert.ok(!JSON.stringify(errors).includes('4111'));
});

test('a pattern that hangs a backtracking engine answers at once', () => {
  const validator = new SchemaValidator();
  validator.register('x', { type: 'string', pattern: '^(a+)+$' });
  const began = process.cpuUsage();
  assert.equal(validator.validate('x', `${'a'.repeat(50_000)}!`).valid, false);
  assert.equal(validator.validate('x', 'aaa').valid, true);
  // A backtracking engine needs longer than the universe has: any bound tells the two apart.
  assert.ok(process.cpuUsage(began).user < 30e6);
});

test('unknown properties are stripped along properties, patternProperties, allOf and $ref', () => {
  const validator = new SchemaValidator();
  const schema = {
    allOf: [{ $ref: '#/$defs/base' }],
    properties: { b: {} },
    patternProperties: { '^n_': { type: 'number' } },
    additionalProperties: false,
    $defs: { base: { properties: { k: { properties: { z: {} } } } } },
  };
  delete schema.additionalProperties;
  validator.register('x', schema, { stripUnknown: true });
  assert.deepEqual(validator.validate('x', { b: 1, n_1: 2, k: { z: 1, q: 2 }, c: 3 }).value, {
    b: 1,
    n_1: 2,
    k: { z: 1 },
  });
});

test('what could not be kept is refused when it is registered', () => {
  refuses({ pattern: '(?=a)b' }, 'ERR_CONFIG_INVALID');
  refuses({ patternProperties: { '(': {} } }, 'ERR_CONFIG_INVALID');
  refuses({ $ref: '#/nowhere' }, 'ERR_CONFIG_INVALID');
  refuses({ $schema: 'http://json-schema.org/draft-07/schema#' }, 'ERR_CONFIG_UNSUPPORTED');
  // A property may have the name of a keyword whose value is no schema.
  refuses({ properties: { default: { $ref: '#/nowhere' } } }, 'ERR_CONFIG_INVALID');
  refuses({ properties: { enum: { pattern: '(?=a)' } } }, 'ERR_CONFIG_INVALID');
  refuses({ $ref: '#/more/a', more: { a: { minimum: '5' } } }, 'ERR_CONFIG_INVALID');
  refuses({ $dynamicRef: '#x' }, 'ERR_CONFIG_UNSUPPORTED');
  for (const schema of [
    { type: 'strin' },
    { type: [] },
    { minimum: '5' },
    { multipleOf: 0 },
    { minLength: -1 },
    { uniqueItems: 1 },
    { required: 'name' },
    { dependentRequired: { a: 'b' } },
    { enum: 'a' },
    { pattern: 5 },
    { properties: { a: 5 } },
    { items: [{ type: 'string' }] },
    { allOf: [] },
    { anyOf: [{ not: 5 }] },
    { '~standard': 5 },
    { '~standard': { version: 2, validate() {} } },
  ])
    refuses(schema, 'ERR_CONFIG_INVALID');
  refuses([], 'ERR_CONFIG_INVALID');
  assert.throws(() => new SchemaValidator().validate('missing', 1), { code: 'ERR_ARGUMENT_INVALID' });
});

test('a Standard Schema is taken as it is, at once and later', async () => {
  const validator = new SchemaValidator();
  const standard = (validate) => ({ '~standard': { version: 1, vendor: 'test', validate } });
  validator.register(
    'now',
    standard((value) =>
      typeof value === 'string'
        ? { value: value.length }
        : { issues: [{ message: 'no', path: ['a', { key: 0 }] }] },
    ),
  );
  assert.equal(validator.validate('now', 'abc').value, 3);
  assert.equal(validator.validate('now', 7).errors[0].path, '/a/0');
  validator.register(
    'later',
    standard(async (value) => ({ value })),
  );
  assert.throws(() => validator.validate('later', 1), { code: 'ERR_ARGUMENT_INVALID' });
  assert.equal((await validator.validateAsync('later', 1)).value, 1);
});

test('what is no keyword is left alone, wherever it stands', () => {
  const validator = new SchemaValidator();
  const schema = { type: 'object', 'x-form': { required: true, pattern: 'a+', minimum: 'soon' } };
  validator.register('x', { ...schema, properties: { required: { const: 1 } }, examples: [{ type: 5 }] });
  assert.equal(validator.validate('x', { required: 1 }).valid, true);
  assert.equal(validator.validate('x', { required: 2 }).valid, false);
});

test('arguments that make no sense are refused by their code', async () => {
  const validator = new SchemaValidator();
  const standard = (answer) => ({ '~standard': { version: 1, validate: () => answer } });
  for (const name of [undefined, 5, ''])
    assert.throws(() => validator.register(name, {}), { code: 'ERR_ARGUMENT_INVALID' });
  for (const options of [null, { strip: true }, { stripUnknown: 'yes' }])
    assert.throws(() => validator.register('x', {}, options), { code: 'ERR_CONFIG_INVALID' });
  assert.throws(() => validator.register('x', standard({ value: 1 }), { stripUnknown: true }), {
    code: 'ERR_CONFIG_UNSUPPORTED',
  });
  validator.register('x', { type: 'object' });
  for (const value of [undefined, () => 1, 5n, Symbol('s')])
    assert.throws(() => validator.validate('x', value), { code: 'ERR_ARGUMENT_INVALID' });
  for (const answer of [undefined, 5, { issues: 'no' }]) {
    validator.register('broken', standard(answer));
    assert.throws(() => validator.validate('broken', 1), { code: 'ERR_ARGUMENT_INVALID' });
  }
  validator.register('later', standard(Promise.resolve(undefined)));
  await assert.rejects(validator.validateAsync('later', 1), { code: 'ERR_ARGUMENT_INVALID' });
});
