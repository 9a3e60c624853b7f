/** Threats with their evidence: what an editor must notice, and nothing it must not. */
export {
  type DetectInChunksOptions,
  type DetectOptions,
  ThreatDetector,
  type ThreatDetectorOptions,
  type ThreatPattern,
} from './threat/detector.js';
export {
  type MaskOptions,
  MaskingSession,
  maskPersonalData,
  type PersonalDataType,
} from './threat/personal.js';
export { type DiagnosticPosition, type ThreatDiagnostic, toDiagnostics, toSarif } from './threat/report.js';
export type { SanitizationScope, Threat, ThreatAction, ThreatSeverity, ThreatType } from './threat/types.js';
