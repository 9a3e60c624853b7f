/** The shapes of threats. This file needs no WebAssembly. */

/** What kind of threat a finding is. */
export type ThreatType =
  | 'xss'
  | 'sql_injection'
  | 'command_injection'
  | 'path_traversal'
  | 'prototype_pollution'
  | 'template_injection'
  | 'prompt_injection'
  | 'hidden_unicode'
  | 'terminal_escape'
  | 'secret'
  | 'personal_data';

/** How grave a finding is. From `medium` on it is an alarm. */
export type ThreatSeverity = 'low' | 'medium' | 'high' | 'critical';

/** Where a text comes from and what will be done with it; it decides what counts. */
export type SanitizationScope =
  | 'user_input'
  | 'message'
  | 'webview'
  | 'file_content'
  | 'configuration'
  | 'api_request'
  | 'api_response'
  | 'tool_definition'
  | 'terminal_output';

/** What is to be done about a threat. */
export type ThreatAction = 'log' | 'sanitize' | 'block' | 'alert';

/** A threat with its evidence. */
export interface Threat {
  /** The rule, such as `sql.union_select`, or the id of a pattern of your own. */
  readonly id: string;
  readonly type: ThreatType;
  readonly severity: ThreatSeverity;
  /** From 0 to 1. */
  readonly confidence: number;
  /** Where it is in the text, in UTF-16 units. */
  readonly range: { readonly start: number; readonly end: number };
  /** What the place says after decoding, if that differs from what it shows. Never a secret or personal data. */
  readonly decoded?: string;
  /** The layers of encoding that were opened, outermost first: `url`, `html`, `script`, `base64`, … */
  readonly path: readonly string[];
  /** The weakness, such as `CWE-89`; empty for a pattern of your own. */
  readonly cwe: string;
  /** What was found, in words; never the text itself. */
  readonly message: string;
  /** What a pattern of your own asks for. */
  readonly action?: ThreatAction;
  /** Where in a structured input the text stands, such as `inputSchema.properties.path.description`. */
  readonly field?: string;
}

/** The grades in ascending order. */
export const SEVERITIES: readonly ThreatSeverity[] = ['low', 'medium', 'high', 'critical'];

/** Gravest first, then by place. @internal */
export function byGravity(a: Threat, b: Threat): number {
  return SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.range.start - b.range.start;
}
