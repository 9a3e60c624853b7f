/** Refuses rules that could not do what they say. */
import { requireMethods, requireObject } from '../engine/configuration.js';
import { createError } from '../errors.js';
import type { HtmlProfile } from '../html.js';
import { isScope } from '../threat/detector.js';
import { SEVERITIES, type ThreatAction, type ThreatType } from '../threat/types.js';
import type { Processor, ScopeRules, VesperaInputSanitizerConfig } from './rules.js';

const ACTIONS: readonly ThreatAction[] = ['log', 'sanitize', 'block', 'alert'];
const PROFILES: readonly HtmlProfile[] = ['strict', 'chat', 'markdown', 'webview', 'svg'];
const TYPES: Readonly<Record<ThreatType, true>> = {
  xss: true,
  sql_injection: true,
  command_injection: true,
  path_traversal: true,
  prototype_pollution: true,
  template_injection: true,
  prompt_injection: true,
  hidden_unicode: true,
  terminal_escape: true,
  secret: true,
  personal_data: true,
};

/** The fields of each processor, beside its type. */
const FIELDS: Readonly<Record<Processor['type'], readonly string[]>> = {
  html: ['profile', 'when'],
  schema: ['validator', 'schema'],
  'regex-replace': ['pattern', 'replacement'],
  encoding: ['for'],
  trim: ['maxLength'],
  normalize: ['form'],
  custom: ['name', 'process'],
};

/**
 * Checks a configuration.
 * @internal
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` naming the field
 */
export function checkConfig(config: VesperaInputSanitizerConfig): void {
  requireObject('sanitizer: the configuration', config, ['scopes', 'strict', 'onAlert']);
  const { scopes = {}, strict = false, onAlert } = config;
  if (typeof strict !== 'boolean') throw refuse('strict', 'must be true or false');
  if (onAlert !== undefined && typeof onAlert !== 'function') throw refuse('onAlert', 'must be a function');
  requireObject('sanitizer: scopes', scopes);
  for (const [scope, rules] of Object.entries(scopes)) {
    if (!isScope(scope))
      throw createError('ERR_CONFIG_INVALID', 'sanitizer: scopes names a scope that does not exist');
    if (rules !== undefined) checkRules(scope, rules);
  }
}

function checkRules(scope: string, rules: ScopeRules): void {
  requireObject(`sanitizer: ${scope}`, rules, ['processors', 'threshold', 'actions']);
  const { processors = [], threshold = 'high', actions = {} } = rules;
  if (!SEVERITIES.includes(threshold))
    throw refuse(`${scope}.threshold`, `must be one of ${SEVERITIES.join(', ')}`);
  requireObject(`sanitizer: ${scope}.actions`, actions, Object.keys(TYPES) as ThreatType[]);
  if (!Object.values(actions).every((action) => ACTIONS.includes(action)))
    throw refuse(`${scope}.actions`, 'must be log, sanitize, block or alert');
  if (!Array.isArray(processors)) throw refuse(`${scope}.processors`, 'must be a list');
  processors.forEach((processor, at) => checkProcessor(`${scope}.processors[${at}]`, processor));
}

function checkProcessor(field: string, processor: Processor): void {
  requireObject(`sanitizer: ${field}`, processor);
  if (!Object.hasOwn(FIELDS, processor.type))
    throw refuse(`${field}.type`, `must be one of ${Object.keys(FIELDS).join(', ')}`);
  requireObject<object>(`sanitizer: ${field}`, processor, ['type', ...FIELDS[processor.type]] as never[]);
  const fault = faultOf(processor);
  if (fault) throw refuse(`${field}.${fault[0]}`, fault[1]);
  if (processor.type === 'schema')
    requireMethods(`sanitizer: ${field}.validator`, processor.validator, 'validate');
}

/** The field of a processor that cannot be what it is, and what it must be. */
function faultOf(processor: Processor): readonly [field: string, words: string] | undefined {
  switch (processor.type) {
    case 'html':
      if (!PROFILES.includes(processor.profile)) return ['profile', `must be one of ${PROFILES.join(', ')}`];
      return ['always', 'xss', undefined].includes(processor.when)
        ? undefined
        : ['when', 'must be always or xss'];
    case 'schema':
      return isText(processor.schema) ? undefined : ['schema', 'must be the name of a schema'];
    case 'regex-replace':
      if (!isText(processor.pattern)) return ['pattern', 'must be an expression'];
      return typeof processor.replacement === 'string' ? undefined : ['replacement', 'must be a string'];
    case 'encoding':
      return ['html', 'url', 'json'].includes(processor.for)
        ? undefined
        : ['for', 'must be html, url or json'];
    case 'trim': {
      const { maxLength = 0 } = processor;
      return Number.isInteger(maxLength) && maxLength >= 0
        ? undefined
        : ['maxLength', 'must be a whole number from 0'];
    }
    case 'normalize':
      return ['NFC', 'NFKC', undefined].includes(processor.form)
        ? undefined
        : ['form', 'must be NFC or NFKC'];
    case 'custom':
      if (!isText(processor.name)) return ['name', 'must be a name'];
      return typeof processor.process === 'function' ? undefined : ['process', 'must be a function'];
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function refuse(field: string, words: string): Error {
  return createError('ERR_CONFIG_INVALID', `sanitizer: ${field} ${words}`);
}
