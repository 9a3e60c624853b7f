/** What a record is bound to: it opens under the context it was sealed with, and under no other. */
import { createError } from '../errors.js';
import { checkExactText, checkText } from '../engine/limits.js';

/** The context of a stored record: which form it has, which one it is, whose, and what for. */
export interface RecordContext {
  readonly schema: string;
  readonly recordId: string;
  readonly subject: string;
  readonly purpose: string;
}

/** One text, or the four parts of a record's context. No text and no other four parts open the record. */
export type SealingContext = string | RecordContext;

/** The most bytes that a context has, in all its parts. */
const MAX_CONTEXT = 4096;

type Parts = [text: string, recordId?: string, subject?: string, purpose?: string];

/**
 * The context as the core takes it.
 * @internal
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function contextParts(context: SealingContext): Parts {
  if (typeof context === 'string') return [contextText(context)];
  const { schema, recordId, subject, purpose } = (context ?? {}) as Partial<RecordContext>;
  const parts = [schema, recordId, subject, purpose];
  if (!parts.every((part) => typeof part === 'string')) {
    throw createError(
      'ERR_ARGUMENT_INVALID',
      'crypto: the context must be a string, or an object of the strings schema, recordId, subject and purpose',
    );
  }
  // One by one: joined, two halves of a pair in neighbouring parts would look whole.
  for (const part of parts as string[]) checkExactText('crypto', part, MAX_CONTEXT);
  checkText('crypto', parts.join(''), MAX_CONTEXT);
  return parts as Parts;
}

/**
 * A context of one text, for what takes no other.
 * @internal
 * @throws VesperaSecurityError `ERR_ARGUMENT_INVALID`, `ERR_INPUT_TOO_LARGE`
 */
export function contextText(context: string): string {
  checkExactText('crypto', context, MAX_CONTEXT);
  return context;
}
