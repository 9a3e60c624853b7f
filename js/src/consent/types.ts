/** The shapes of consent. Times are milliseconds since 1970 unless they are said to be periods. */

/** What kind of purpose it is. */
export type ConsentCategory = 'essential' | 'functional' | 'analytics' | 'marketing' | 'preferences';

/** The ground on which data are processed: GDPR article 6 (1), letters a to f. */
export type LegalBasis =
  'consent' | 'contract' | 'legal_obligation' | 'vital_interests' | 'public_task' | 'legitimate_interests';

/** What personal data are used for. */
export interface ConsentPurpose {
  /** Its name in the program: 1 to 64 characters of `A-Z a-z 0-9 . _ : -`. */
  readonly id: string;
  /** Its name for people: 1 to 200 bytes. */
  readonly name: string;
  /** What is done with the data: 1 to 2000 bytes. */
  readonly description: string;
  readonly category: ConsentCategory;
  /** Whether the service needs it. Then `legalBasis` must not be consent. @default false */
  readonly required?: boolean;
  /** Categories of personal data: 1 to 64. */
  readonly dataTypes: readonly string[];
  /** How long data of this purpose are kept, in milliseconds; 0 if they are not kept at all. */
  readonly retentionPeriod: number;
  /** Who else receives the data. @default [] */
  readonly thirdParties?: readonly string[];
  /** @default 'consent' */
  readonly legalBasis?: LegalBasis;
  /** Your own count of wordings. @default '1' */
  readonly version?: string | number;
  /** The text that is shown, at most 16 KiB; it is hashed into the record. @default name and description */
  readonly notice?: string;
  /** How long a consent holds, in milliseconds. @default the manager's `validity` */
  readonly validity?: number;
  /** Where the data are stored. @default the controller's `storageLocations` */
  readonly storageLocations?: readonly string[];
  /** Whether the data are of the special categories of GDPR article 9. @default false */
  readonly specialCategories?: boolean;
}

/** Who is responsible for the processing; stands in receipts, exports and the register. */
export interface ConsentController {
  /** The legal name. */
  readonly name: string;
  /** Where people write to. */
  readonly email: string;
  readonly contact?: string;
  readonly address?: string;
  readonly phone?: string;
  readonly url?: string;
  readonly policyUrl?: string;
  /** The service that people use. @default 'editor extension' */
  readonly service?: string;
  /** Whose law applies, as ISO 3166 writes it, or `EU`. @default 'EU' */
  readonly jurisdiction?: string;
  /** The language of the notices, as BCP 47 writes it. @default 'en' */
  readonly language?: string;
  /** @default ["the person's own device"] */
  readonly storageLocations?: readonly string[];
  /** How a person takes a consent back. @default 'in the consent dialogue of the service, at any time' */
  readonly withdrawalMethod?: string;
  readonly dataProtectionOfficer?: string;
  /** The representative in the Union (GDPR article 27). */
  readonly representative?: string;
  /** The authority that hears complaints. */
  readonly authority?: string;
  /** @default ['users of the service'] */
  readonly dataSubjects?: readonly string[];
  /** Countries outside the jurisdiction that data go to, with the safeguards. @default [] */
  readonly transfers?: readonly string[];
  /** How the data are protected, beside what this package does. @default [] */
  readonly securityMeasures?: readonly string[];
}

/** Where a consent stands: the states of the Data Privacy Vocabulary. Only `given` and `renewed` allow anything. */
export type ConsentState =
  | 'unknown'
  | 'requested'
  | 'deferred'
  | 'refused'
  | 'given'
  | 'renewed'
  | 'expired'
  | 'withdrawn'
  | 'revoked'
  | 'invalidated';

/** Why consent does or does not allow something. */
export type ConsentReason =
  | 'consented'
  | 'never_asked'
  | 'unanswered'
  | 'refused'
  | 'withdrawn'
  | 'expired'
  | 'revoked'
  | 'invalidated'
  | 'purpose_changed'
  | 'outside_conditions'
  | 'unknown_purpose'
  | 'not_consent';

/** How an answer reached us. */
export type ConsentMethod = 'ui_interaction' | 'api_call' | 'configuration' | 'import';

/** What shows that something happened. Nothing is collected: what is not given is not kept. */
export interface ConsentEvidence {
  /** @default 'api_call', of a dialogue 'ui_interaction' */
  readonly method?: ConsentMethod;
  /** The program that showed the question. @default the manager's `userAgent` */
  readonly userAgent?: string;
  /** The address the answer came from; kept only if you give it. */
  readonly ipAddress?: string;
  /** The language of the dialogue. */
  readonly language?: string;
  /** The SHA-256 of the text that was shown. @default that of each purpose's own notice */
  readonly noticeHash?: string;
}

/** Limits that a person put on a yes. */
export interface ConsentConditions {
  /** When the yes ends. */
  readonly expiryDate?: number;
  /** The kinds of data that it is for. */
  readonly dataTypes?: readonly string[];
  /** The recipients that it is for. */
  readonly thirdParties?: readonly string[];
}

/** What a consent is wanted for, where it matters. A yes with limits covers no use that does not say what it is. */
export interface ConsentUse {
  readonly dataType?: string;
  readonly thirdParty?: string;
}

/** Something that happened to a consent. */
export interface ConsentEvent {
  readonly state: ConsentState;
  readonly at: number;
  readonly by: 'subject' | 'controller' | 'system';
  readonly evidence?: ConsentEvidence;
}

/** One consent of one person to one purpose. */
export interface ConsentRecord {
  /** A random UUID. */
  readonly id: string;
  readonly purposeId: string;
  /** Where it stands now. */
  readonly state: ConsentState;
  /** The purpose as it was declared at the last answer, without its notice. */
  readonly purpose: ConsentPurpose;
  readonly conditions?: ConsentConditions;
  readonly givenAt?: number;
  readonly expiresAt?: number;
  /** The first event and the newest ones, at most 32. */
  readonly events: readonly ConsentEvent[];
  /** Events between them that are no longer kept. */
  readonly omittedEvents?: number;
  readonly holdsData?: boolean;
  /** Why data of this purpose still have to be deleted. */
  readonly cleanup?: 'ended' | 'retention';
  readonly cleanedBefore?: number;
}

/** A field in which two declarations of a purpose differ. */
export interface PurposeChange {
  readonly field: string;
  /** Whether people must be asked again because of it. */
  readonly material: boolean;
  readonly why: string;
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}

/** What became of a purpose. */
export interface PurposeDiff {
  readonly purposeId: string;
  readonly fate: 'added' | 'removed' | 'changed' | 'unchanged';
  /** Whether people must be asked because of it. */
  readonly material: boolean;
  readonly changes: readonly PurposeChange[];
}

/** A purpose that a person has to be asked about. */
export interface ConsentQuestion {
  readonly purpose: ConsentPurpose;
  readonly reason: ConsentReason;
  /** What changed since the last yes. */
  readonly changes: readonly PurposeChange[];
}

/** What a dialogue shows. */
export interface ConsentRequest {
  readonly userId: string;
  readonly controller: ConsentController;
  /** What is asked; each can be answered by itself. */
  readonly questions: readonly ConsentQuestion[];
  /** What rests on another legal basis: to be shown as such, with that basis, and not asked for. */
  readonly withoutConsent: readonly ConsentPurpose[];
  /** Whatever the caller of `requestConsent` handed in. */
  readonly context?: unknown;
}

/** What a person answered. A question that is not among the granted is answered with no. */
export interface ConsentAnswers {
  readonly granted: readonly string[];
  readonly conditions?: Readonly<Record<string, ConsentConditions>>;
  /** The text that was shown, if it was not the purposes' own notices. */
  readonly notice?: string;
  readonly language?: string;
}

/**
 * Shows questions to a person. `undefined` means that the dialogue was closed without an answer. A dialogue that asks
 * for the same person again waits for itself: each person has one at a time.
 */
export interface ConsentPrompt {
  ask(request: ConsentRequest): PromiseLike<ConsentAnswers | undefined>;
}

/** A consent that stands elsewhere than before. */
export interface ConsentMove {
  readonly purposeId: string;
  readonly from: ConsentState;
  readonly to: ConsentState;
}

/** What `onDidChangeConsent` tells. */
export interface ConsentChangeEvent {
  readonly userId: string;
  readonly changes: readonly ConsentMove[];
  /** `here`: by a call of this manager. `elsewhere`: by another one on the same store. */
  readonly origin: 'here' | 'elsewhere';
}

/** What a cleanup hook has to delete. */
export interface CleanupTask {
  readonly userId: string;
  readonly purposeId: string;
  /** `ended`: the consent is over. `retention`: data are older than the purpose allows. `erasure`: forget the person. */
  readonly reason: 'ended' | 'retention' | 'erasure';
  /** Delete what is from before this time; everything, if there is none. */
  readonly before?: number | undefined;
}

/** Deletes data of a purpose wherever they are held. It may run twice for the same task. */
export type CleanupHook = (task: CleanupTask) => void | PromiseLike<void>;

/** What became of a cleanup. */
export interface CleanupReport {
  readonly purposeId: string;
  /**
   * `none`: nobody has said how to delete these data; the cleanup stays due until someone does. `running`: another
   * call is at it and reports what becomes of it, for instance the one whose hook made this call.
   */
  readonly status: 'done' | 'failed' | 'none' | 'running';
  readonly attempts: number;
  /** What the hook threw last. */
  readonly error?: unknown;
}

/** The answer of `requestConsent`. */
export interface ConsentRequestResult {
  /** What was asked; nothing if everything was answered before. */
  readonly asked: readonly string[];
  readonly granted: readonly string[];
  readonly refused: readonly string[];
  /** Asked, and closed without an answer. */
  readonly deferred: readonly string[];
}

/** The answer of `withdrawConsent`. The withdrawal stands, whatever became of the cleanups. */
export interface WithdrawalResult {
  readonly withdrawn: readonly string[];
  readonly cleanup: readonly CleanupReport[];
}

/** Something that is over. */
export interface RetentionDue {
  readonly userId: string;
  readonly duty: 'expire' | 'delete_data' | 'forget_record';
  readonly recordId: string;
  readonly purposeId: string;
  /** Since when. */
  readonly since: number;
  readonly reason?: 'ended' | 'retention';
  readonly before?: number;
}

/** The answer of `sweepRetention`. */
export interface RetentionReport {
  /** Whether it only looked. */
  readonly dryRun: boolean;
  readonly due: readonly RetentionDue[];
  readonly cleanup: readonly (CleanupReport & { readonly userId: string })[];
  /** Certificates of people of whom nothing is left. */
  readonly erased: readonly ErasureCertificate[];
  /** Of whom it could not be done, by the person's name in the store, and why. */
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

/** The proof of a signed document: W3C Data Integrity, cryptosuite `eddsa-jcs-2022`. */
export interface DataIntegrityProof {
  readonly type: 'DataIntegrityProof';
  readonly cryptosuite: 'eddsa-jcs-2022';
  readonly created: string;
  /** `did:key:z6Mk…#z6Mk…` */
  readonly verificationMethod: string;
  readonly proofPurpose: 'assertionMethod';
  readonly proofValue: string;
}

/** A signed JSON document; its JSON Schema is in the package's `schemas/`. */
export interface SignedDocument {
  readonly proof: DataIntegrityProof;
  readonly [field: string]: unknown;
}

/** What remains after an erasure: signed, without the user id and without the data. Times are RFC 3339. */
export interface ErasureCertificate extends SignedDocument {
  readonly schema: 'vespera-erasure-certificate/1';
  readonly id: string;
  /** The person as a keyed commitment: the name in the store. */
  readonly subject: string;
  readonly erasedAt: string;
  readonly requestedBy: 'subject' | 'controller' | 'retention';
  /** `null` if the record did not open. */
  readonly records: readonly ErasedRecord[] | null;
  /** Purposes whose data could not be deleted where they are held. */
  readonly incomplete: readonly string[];
}

/** What a certificate says of a record. */
export interface ErasedRecord {
  readonly recordId: string;
  readonly purposeId: string;
  readonly purposeVersion: string;
  readonly legalBasis: LegalBasis;
  readonly state: ConsentState;
  readonly noticeSha256: string | null;
  readonly givenAt: string | null;
  readonly endedAt: string | null;
}

/** Everything about one person (GDPR articles 15 and 20); its JSON Schema is in the package's `schemas/`. */
export interface ConsentExport {
  readonly schema: 'vespera-consent-export/1';
  readonly created: string;
  readonly subject: string;
  readonly controller: ConsentController;
  readonly consents: readonly ConsentRecord[];
  readonly purposes: readonly {
    readonly purpose: ConsentPurpose;
    readonly consented: boolean;
    readonly reason: ConsentReason;
  }[];
  readonly erasures: readonly ErasureCertificate[];
  readonly updated?: string;
}

/** The records of processing activities (GDPR article 30). */
export interface ProcessingRegister {
  readonly schema: 'vespera-processing-register/1';
  readonly created: string;
  readonly controller: ConsentController;
  readonly activities: readonly {
    readonly purposeId: string;
    readonly purpose: string;
    readonly description: string;
    readonly legalBasis: string;
    readonly dataSubjects: readonly string[];
    readonly dataCategories: readonly string[];
    readonly specialCategories: boolean;
    readonly recipients: readonly string[];
    readonly storageLocations: readonly string[];
    readonly transfers: readonly string[];
    /** An ISO 8601 length of time. */
    readonly erasureAfter: string;
  }[];
  readonly securityMeasures: readonly string[];
}
