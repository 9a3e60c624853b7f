/** What a sanitizer does in each scope. */
import type { HtmlProfile } from '../html.js';
import type { SanitizationScope, Threat, ThreatAction, ThreatSeverity, ThreatType } from '../threat/types.js';

/** Something that validates, such as a `SchemaValidator`. */
export interface ValidatorLike {
  validate(
    name: string,
    value: unknown,
  ): {
    valid: boolean;
    value: unknown;
    errors: readonly { readonly path: string; readonly message: string }[];
  };
}

/** One step that changes a text. Steps run in the order given. */
export type Processor =
  /** Cleans markup. With `when: 'xss'` only if the first look found some, so that plain text stays plain. */
  | { readonly type: 'html'; readonly profile: HtmlProfile; readonly when?: 'always' | 'xss' }
  /** Checks data, or a text of JSON, against a registered schema; what does not fit is refused. */
  | { readonly type: 'schema'; readonly validator: ValidatorLike; readonly schema: string }
  /** Replaces every match of an expression in Rust's syntax; `$1` stands for a group. */
  | { readonly type: 'regex-replace'; readonly pattern: string; readonly replacement: string }
  /** Escapes for the place that the text goes to. */
  | { readonly type: 'encoding'; readonly for: 'html' | 'url' | 'json' }
  /** Takes blanks off both ends; `maxLength` in UTF-16 units cuts the rest off. */
  | { readonly type: 'trim'; readonly maxLength?: number }
  /** Unicode normalization. */
  | { readonly type: 'normalize'; readonly form?: 'NFC' | 'NFKC' }
  /** A function of yours. It runs outside the engine and gets text that is not yet judged. */
  | {
      readonly type: 'custom';
      readonly name: string;
      readonly process: (text: string, scope: SanitizationScope) => string;
    };

/** The rules of one scope. */
export interface ScopeRules {
  /** Steps between the first and the final look. */
  readonly processors?: readonly Processor[];
  /** What remains at or above this grade blocks, if its action is `block` or `sanitize`. */
  readonly threshold?: ThreatSeverity;
  /**
   * By type: `log` reports; `alert` reports and calls `onAlert`; `block` refuses what remains after the
   * processors; `sanitize` takes what remains out of the text first.
   */
  readonly actions?: Readonly<Partial<Record<ThreatType, ThreatAction>>>;
}

/** How to sanitize input. */
export interface VesperaInputSanitizerConfig {
  /** Rules by scope; what is not given keeps its default. */
  readonly scopes?: Readonly<Partial<Record<SanitizationScope, ScopeRules>>>;
  /** Throws `VesperaThreatError` instead of answering `blocked`. @default false */
  readonly strict?: boolean;
  /** Called for each threat whose action is `alert`. */
  readonly onAlert?: (threat: Threat, scope: SanitizationScope) => void;
}

const HIDDEN: Partial<Record<ThreatType, ThreatAction>> = {
  hidden_unicode: 'sanitize',
  terminal_escape: 'sanitize',
  personal_data: 'log',
  secret: 'alert',
};

const REPORT: Partial<Record<ThreatType, ThreatAction>> = {
  ...HIDDEN,
  hidden_unicode: 'alert',
  terminal_escape: 'alert',
};

/** The rules of a scope for which none are given. Source files and settings are judged and never changed. */
export const DEFAULT_RULES: Readonly<Record<SanitizationScope, Required<ScopeRules>>> = {
  user_input: {
    processors: [{ type: 'html', profile: 'strict', when: 'xss' }],
    threshold: 'high',
    actions: HIDDEN,
  },
  message: {
    processors: [{ type: 'html', profile: 'chat', when: 'xss' }],
    threshold: 'high',
    actions: HIDDEN,
  },
  webview: { processors: [{ type: 'html', profile: 'webview' }], threshold: 'high', actions: HIDDEN },
  file_content: { processors: [], threshold: 'critical', actions: REPORT },
  configuration: { processors: [], threshold: 'high', actions: REPORT },
  api_request: { processors: [], threshold: 'medium', actions: HIDDEN },
  api_response: {
    processors: [{ type: 'html', profile: 'chat', when: 'xss' }],
    threshold: 'high',
    actions: HIDDEN,
  },
  tool_definition: { processors: [], threshold: 'medium', actions: REPORT },
  terminal_output: { processors: [], threshold: 'high', actions: HIDDEN },
};
