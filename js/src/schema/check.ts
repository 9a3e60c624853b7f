/** Refuses schemas that the validator would not follow: a constraint that is ignored is worse than none. */
import { createError } from '../errors.js';
import { CoreExpression } from './expression.js';
import type { Resolve, SchemaNode } from './strip.js';

type Node = { readonly [keyword: string]: unknown };

const MAX_DEPTH = 64;

/** Keywords whose values are no schemas, whatever they look like. */
const LITERALS = ['const', 'enum', 'default', 'examples'];
/** Keywords that hold a schema, or a list of them. */
const SCHEMAS = [
  'not',
  'if',
  'then',
  'else',
  'items',
  'contains',
  'propertyNames',
  'additionalProperties',
].concat(['unevaluatedProperties', 'unevaluatedItems', 'allOf', 'anyOf', 'oneOf', 'prefixItems']);
/** Keywords below which the keys are names and the values schemas. */
const NAMES = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
/** Keywords that refer to a place which only the value decides. */
const DYNAMIC = ['$dynamicRef', '$recursiveRef'];

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
const isSchema = (value: unknown): boolean => typeof value === 'boolean' || isObject(value);
const areSchemas = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isSchema);
const areNamed = (value: unknown): boolean => isObject(value) && Object.values(value).every(isSchema);
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];
const isType = (value: unknown): boolean => TYPES.includes(value as string);

/** What the value of a keyword must be (JSON Schema 2020-12, Validation, section 6, and Core, section 10). */
const KINDS: readonly (readonly [keywords: readonly string[], holds: (value: unknown) => boolean])[] = [
  [['$id', '$schema', '$ref', '$anchor', '$dynamicAnchor', 'pattern', 'format'], isText],
  [['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'], isNumber],
  [['multipleOf'], (value) => isNumber(value) && (value as number) > 0],
  [['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'], isCount],
  [['minContains', 'maxContains'], isCount],
  [['uniqueItems'], (value) => typeof value === 'boolean'],
  [['required'], areTexts],
  [['enum'], Array.isArray],
  [['type'], (value) => isType(value) || (Array.isArray(value) && value.length > 0 && value.every(isType))],
  [['dependentRequired'], (value) => isObject(value) && Object.values(value).every(areTexts)],
  [['allOf', 'anyOf', 'oneOf', 'prefixItems'], areSchemas],
  [['not', 'if', 'then', 'else', 'items', 'contains', 'propertyNames', 'additionalProperties'], isSchema],
  [['unevaluatedProperties', 'unevaluatedItems'], isSchema],
  [NAMES, areNamed],
];

/**
 * Refuses what the validator would ignore or could be made to hang with.
 * @internal
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_CONFIG_UNSUPPORTED`
 */
export function checkSchema(schema: SchemaNode): void {
  visit(schema, (node, isKnown) => {
    const { $schema, pattern, patternProperties, format } = node;
    if (isKnown) checkKinds(node);
    if (typeof $schema === 'string' && !$schema.includes('2020-12'))
      throw createError('ERR_CONFIG_UNSUPPORTED', 'schema: $schema must be draft 2020-12');
    if (typeof pattern === 'string') new CoreExpression(pattern);
    if (format === 'url')
      throw createError(
        'ERR_CONFIG_UNSUPPORTED',
        'schema: format must be of JSON Schema: uri instead of url',
      );
    if (isObject(patternProperties))
      for (const key of Object.keys(patternProperties)) new CoreExpression(key);
  });
}

function checkKinds(node: Node): void {
  const dynamic = DYNAMIC.find((keyword) => keyword in node);
  if (dynamic !== undefined)
    throw createError('ERR_CONFIG_UNSUPPORTED', `schema: ${dynamic} is not followed, use $ref`);
  for (const [keywords, holds] of KINDS) {
    const broken = keywords.find((keyword) => node[keyword] !== undefined && !holds(node[keyword]));
    if (broken !== undefined)
      throw createError(
        'ERR_CONFIG_INVALID',
        `schema: the value of ${broken} is not one that draft 2020-12 gives it`,
      );
  }
}

/**
 * Refuses references that lead nowhere, which the validator would find out in the middle of a value, and checks what
 * they lead to.
 * @internal
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID`, `ERR_CONFIG_UNSUPPORTED`
 */
export function checkReferences(schema: SchemaNode, resolve: Resolve): void {
  const seen = new Set<unknown>();
  const check = (schema: SchemaNode): void =>
    visit(schema, (node) => {
      if (typeof node['$ref'] !== 'string') return;
      const target = resolve(node);
      if (target === undefined)
        throw createError(
          'ERR_CONFIG_INVALID',
          'schema: a $ref of the schema leads nowhere; only references within it are followed',
        );
      if (seen.has(target)) return;
      seen.add(target);
      checkSchema(target);
      check(target);
    });
  check(schema);
}

/** Calls `each` for whatever may be a schema; `isKnown` if it is one by its place. */
function visit(root: SchemaNode, each: (node: Node, isKnown: boolean) => void): void {
  const walk = (node: unknown, depth: number, isKnown: boolean, areNames: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    if (depth > MAX_DEPTH)
      throw createError('ERR_CONFIG_INVALID', `schema: the schema is nested deeper than ${MAX_DEPTH} levels`);
    if (Array.isArray(node)) {
      for (const item of node) walk(item, depth + 1, isKnown, false);
      return;
    }
    const record = node as Node;
    if (!areNames) each(record, isKnown);
    for (const key of Object.keys(record)) {
      if (areNames) walk(record[key], depth + 1, isKnown, false);
      else if (NAMES.includes(key)) walk(record[key], depth + 1, isKnown, true);
      else if (!LITERALS.includes(key)) walk(record[key], depth + 1, isKnown && SCHEMAS.includes(key), false);
    }
  };
  walk(root, 0, true, false);
}

function isObject(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
