/**
 * Validates data by JSON Schema (draft 2020-12) or by anything that implements Standard Schema. The entry
 * `vespera-security/schema`: the validator of `@cfworker/json-schema` is in it, and nothing is compiled from text,
 * so that it works under a webview's Content-Security-Policy.
 */
import { dereference, type Schema, type ValidationResult, validate } from '@cfworker/json-schema';
import { createError, isVesperaSecurityError } from './errors.js';
import { requireObject } from './engine/configuration.js';
import { checkReferences, checkSchema } from './schema/check.js';
import { CoreExpression } from './schema/expression.js';
import { type SchemaNode, strip } from './schema/strip.js';

/** A JSON Schema of draft 2020-12. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** The part of Standard Schema (version 1) that is read. */
export interface StandardSchemaLike {
  readonly '~standard': {
    readonly version: 1;
    readonly validate: (value: unknown) => StandardResult | PromiseLike<StandardResult>;
  };
}

/** What a Standard Schema answers. */
export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** What does not fit. It never holds the value. */
export interface SchemaError {
  /** A JSON pointer to the place, empty for the whole. */
  readonly path: string;
  /** The keyword that refused, such as `required`, or `standard`. */
  readonly keyword: string;
  readonly message: string;
}

/** The answer of a validation. */
export interface SchemaResult {
  readonly valid: boolean;
  /** The value after unknown properties were stripped or the schema transformed it; `undefined` if it is not valid. */
  readonly value: unknown;
  /** At most 100. */
  readonly errors: readonly SchemaError[];
}

/** How a schema is used. */
export interface RegisterOptions {
  /** Takes properties out that the schema does not know, before it is asked. @default false */
  readonly stripUnknown?: boolean;
}

type Lookup = ReturnType<typeof dereference>;

interface Registered {
  readonly validate: (value: unknown) => SchemaResult | PromiseLike<SchemaResult>;
}

const MAX_ERRORS = 100;
const MAX_NODES = 100_000;
const MAX_ITEMS = 4_096;
const MAX_DEPTH = 64;
const MAX_STRING = 1 << 20;

/**
 * Validates data by the schemas registered with it.
 *
 * @example
 * const validator = new SchemaValidator();
 * validator.register('point', { type: 'object', required: ['x'], properties: { x: { type: 'number' } } });
 * validator.validate('point', { x: 1 }).valid; // true
 */
export class SchemaValidator {
  readonly #schemas = new Map<string, Registered>();

  /**
   * Registers a schema under a name; a later one takes the place of an earlier one.
   * @throws VesperaSecurityError `ERR_CONFIG_INVALID` if a pattern, a reference or the value of a keyword cannot be
   *   used, `ERR_CONFIG_UNSUPPORTED` for another draft and for `$dynamicRef`
   */
  register(name: string, schema: JsonSchema | StandardSchemaLike, options: RegisterOptions = {}): void {
    if (typeof name !== 'string' || name === '')
      throw createError('ERR_ARGUMENT_INVALID', 'schema: a schema is registered under a name');
    requireObject('schema: the options', options, ['stripUnknown']);
    const { stripUnknown = false } = options;
    if (typeof stripUnknown !== 'boolean')
      throw createError('ERR_CONFIG_INVALID', 'schema: stripUnknown must be true or false');
    if (stripUnknown && isStandard(schema))
      throw createError(
        'ERR_CONFIG_UNSUPPORTED',
        'schema: stripUnknown is for JSON Schema; a Standard Schema says itself what it keeps',
      );
    this.#schemas.set(name, isStandard(schema) ? standard(schema) : jsonSchema(schema, stripUnknown));
  }

  /**
   * Validates a value. The value itself is never changed.
   * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID` for a name that is not registered or a schema that answers
   *   later, `ERR_INPUT_TOO_LARGE`
   */
  validate(name: string, value: unknown): SchemaResult {
    const result = this.#find(name).validate(value);
    if (!('then' in result)) return result;
    throw createError('ERR_ARGUMENT_INVALID', 'schema: this schema answers later, use validateAsync');
  }

  /** As `validate`, for schemas that answer later as well. */
  async validateAsync(name: string, value: unknown): Promise<SchemaResult> {
    return this.#find(name).validate(value);
  }

  /** Whether a schema is registered. */
  has(name: string): boolean {
    return this.#schemas.has(name);
  }

  #find(name: string): Registered {
    const schema = this.#schemas.get(name);
    if (schema) return schema;
    throw createError('ERR_ARGUMENT_INVALID', 'schema: no schema of this name is registered');
  }
}

function isStandard(schema: JsonSchema | StandardSchemaLike): schema is StandardSchemaLike {
  return (
    (typeof schema === 'object' || typeof schema === 'function') && schema !== null && '~standard' in schema
  );
}

function standard(schema: StandardSchemaLike): Registered {
  const { '~standard': props } = schema;
  if (props?.version !== 1 || typeof props.validate !== 'function')
    throw createError('ERR_CONFIG_INVALID', 'schema: a Standard Schema has version 1 and validate()');
  const refused = (): Error =>
    createError('ERR_ARGUMENT_INVALID', 'schema: a Standard Schema must answer a value or issues');
  const answer = (result: StandardResult): SchemaResult => {
    if (typeof result !== 'object' || result === null) throw refused();
    if (result.issues !== undefined && !Array.isArray(result.issues as unknown)) throw refused();
    return result.issues === undefined
      ? { valid: true, value: result.value, errors: [] }
      : {
          valid: false,
          value: undefined,
          errors: result.issues.slice(0, MAX_ERRORS).map(({ path }) => ({
            path: (path ?? [])
              .map((step) => `/${String(typeof step === 'object' ? step.key : step)}`)
              .join(''),
            keyword: 'standard',
            message: 'the value does not fit its schema here',
          })),
        };
  };
  return {
    validate(value) {
      const result = props.validate(value);
      if (typeof result !== 'object' || result === null) throw refused();
      return 'then' in result ? result.then(answer) : answer(result);
    },
  };
}

function jsonSchema(given: JsonSchema, stripUnknown: boolean): Registered {
  if (typeof given !== 'boolean' && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw createError('ERR_CONFIG_INVALID', 'schema: a schema must be an object or a boolean');
  }
  // A copy: the validator writes its notes into the schema.
  const schema = copyOf(given) as Schema | boolean;
  checkSchema(schema as SchemaNode);
  let lookup: Lookup;
  try {
    lookup = typeof schema === 'boolean' ? (Object.create(null) as Lookup) : dereference(schema);
  } catch {
    throw createError(
      'ERR_CONFIG_INVALID',
      'schema: an $id, $anchor or $ref of the schema cannot be resolved',
    );
  }
  const resolve = (node: object): SchemaNode | undefined => {
    const { __absolute_ref__: absolute, $ref } = node as { __absolute_ref__?: string; $ref?: string };
    return lookup[absolute ?? $ref ?? ''] as SchemaNode | undefined;
  };
  checkReferences(schema as SchemaNode, resolve);
  const matches = (pattern: string, key: string): boolean => new CoreExpression(pattern).test(key);
  return {
    validate(given) {
      measure(given);
      const value = stripUnknown ? strip(given, schema as SchemaNode, resolve, matches) : given;
      let result: ValidationResult;
      try {
        result = validate(value, schema, '2020-12', lookup, false);
      } catch (thrown) {
        if (thrown instanceof RangeError)
          throw createError('ERR_INPUT_TOO_LARGE', 'schema: the value and its schema are nested too deeply');
        if (isVesperaSecurityError(thrown)) throw thrown;
        throw createError('ERR_ARGUMENT_INVALID', 'schema: the value is not data of JSON');
      }
      if (result.valid) return { valid: true, value, errors: [] };
      // The validator's own words hold parts of the value.
      const errors = result.errors.slice(0, MAX_ERRORS).map(({ instanceLocation, keyword }) => ({
        path: instanceLocation.replace(/^#/, ''),
        keyword,
        message: `the value does not fit ${keyword} here`,
      }));
      return { valid: false, value: undefined, errors };
    },
  };
}

/** Refuses values that are too large, and what is not data of JSON. */
function measure(value: unknown): void {
  let nodes = 0;
  const large = (words: string): Error => createError('ERR_INPUT_TOO_LARGE', `schema: the value ${words}`);
  const walk = (value: unknown, depth: number): void => {
    if (++nodes > MAX_NODES) throw large(`has more than ${MAX_NODES} parts`);
    if (depth > MAX_DEPTH) throw large(`is nested deeper than ${MAX_DEPTH} levels`);
    if (typeof value === 'string' && value.length > MAX_STRING)
      throw large(`has a string of more than ${MAX_STRING} units`);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value) && value.length > MAX_ITEMS)
      throw large(`has a list of more than ${MAX_ITEMS} items`);
    for (const inner of Object.values(value)) walk(inner, depth + 1);
  };
  walk(value, 0);
}

function copyOf(schema: JsonSchema): JsonSchema {
  try {
    return JSON.parse(JSON.stringify(schema)) as JsonSchema;
  } catch {
    throw createError('ERR_CONFIG_INVALID', 'schema: a schema must be data of JSON');
  }
}
