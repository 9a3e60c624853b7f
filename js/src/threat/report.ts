/** Findings in the forms that tools read: SARIF 2.1.0 and the editor's diagnostics. Needs no WebAssembly. */
import { createError } from '../errors.js';
import { scalars } from './strings.js';
import type { Threat, ThreatSeverity } from './types.js';

/** A position as editors count: zero-based, in UTF-16 units. */
export interface DiagnosticPosition {
  readonly line: number;
  readonly character: number;
}

/** A plain object of the shape of VS Code's `Diagnostic`. */
export interface ThreatDiagnostic {
  readonly range: { readonly start: DiagnosticPosition; readonly end: DiagnosticPosition };
  readonly message: string;
  /** 0 error, 1 warning, 2 information, as `DiagnosticSeverity`. */
  readonly severity: 0 | 1 | 2;
  readonly source: 'vespera-security';
  readonly code: string;
}

const DIAGNOSTIC: Record<ThreatSeverity, 0 | 1 | 2> = { low: 2, medium: 1, high: 0, critical: 0 };
const LEVEL = { low: 'note', medium: 'warning', high: 'error', critical: 'error' } as const;
/** GitHub reads the grade of a security rule from this score. */
const SCORE: Record<ThreatSeverity, string> = { low: '2.0', medium: '5.0', high: '8.0', critical: '9.5' };

/** Findings as diagnostics of the text that they were found in. */
export function toDiagnostics(threats: readonly Threat[], text: string): ThreatDiagnostic[] {
  requireThreats(threats);
  requireText('the text', text);
  const lines = new Lines(text);
  return threats.map((threat) => ({
    range: { start: lines.position(threat.range.start), end: lines.position(threat.range.end) },
    message:
      threat.decoded === undefined ? threat.message : `${threat.message}: ${printable(threat.decoded)}`,
    severity: DIAGNOSTIC[threat.severity],
    source: 'vespera-security',
    code: threat.id,
  }));
}

function requireThreats(threats: readonly Threat[]): void {
  if (!Array.isArray(threats) || threats.some((threat) => typeof threat?.range?.start !== 'number'))
    throw createError('ERR_ARGUMENT_INVALID', 'threat: threats must be a list of findings of a detector');
}

function requireText(what: string, text: string): void {
  if (typeof text !== 'string') throw createError('ERR_ARGUMENT_INVALID', `threat: ${what} must be a string`);
}

/**
 * Findings as a SARIF 2.1.0 log with one run.
 * @param uri of the file, relative to the repository or absolute; what a URI does not allow is percent-encoded
 * @param text of the file; with it regions also say line and column
 */
export function toSarif(threats: readonly Threat[], uri: string, text?: string): object {
  requireThreats(threats);
  requireText('the uri', uri);
  if (text !== undefined) requireText('the text', text);
  const rules = [...new Map(threats.map((threat) => [threat.id, threat])).values()];
  const lines = text === undefined ? undefined : new Lines(text);
  const artifactLocation = { uri: reference(uri) };
  const region = ({ start, end }: Threat['range']): object => {
    const chars = { charOffset: start, charLength: end - start };
    if (!lines) return chars;
    const from = lines.position(start);
    const to = lines.position(end);
    return {
      startLine: from.line + 1,
      startColumn: from.character + 1,
      endLine: to.line + 1,
      endColumn: to.character + 1,
      ...chars,
    };
  };
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'vespera-security',
            rules: rules.map((rule) => ({
              id: rule.id,
              shortDescription: { text: rule.message },
              properties: {
                tags: [
                  'security',
                  rule.type,
                  ...(rule.cwe ? [`external/cwe/${rule.cwe.toLowerCase()}`] : []),
                ],
                'security-severity': SCORE[rule.severity],
              },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: threats.map((threat) => ({
          ruleId: threat.id,
          ruleIndex: rules.findIndex((rule) => rule.id === threat.id),
          level: LEVEL[threat.severity],
          message: { text: threat.message },
          locations: [{ physicalLocation: { artifactLocation, region: region(threat.range) } }],
          properties: {
            type: threat.type,
            severity: threat.severity,
            confidence: threat.confidence,
            path: threat.path,
            ...(threat.field === undefined ? {} : { field: threat.field }),
          },
        })),
      },
    ],
  };
}

/** A path as a URI reference: what is encoded stays so, backslashes separate. */
function reference(path: string): string {
  const encoded = encodeURI(scalars(path).replaceAll('\\', '/'));
  return encoded.replaceAll(/%25([0-9a-f]{2})/gi, '%$1');
}

/** A decoded text as one short line. */
function printable(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll(/[^\x20-\x7e\u00a1-\u{2fff}\u{3040}-\u{d7ff}]/gu, '·');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

/** Where lines begin. */
class Lines {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10)) this.#starts.push(at + 1);
    }
  }

  position(offset: number): DiagnosticPosition {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, character: offset - this.#starts[low]! };
  }
}
