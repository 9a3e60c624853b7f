/** Trusted Types, where the host has them. */
import { createError } from '../errors.js';

/** The part of `trustedTypes` that is used. @internal */
export interface TrustedTypesLike {
  createPolicy(name: string, rules: { createHTML(html: string): string }): TrustedHtmlPolicy;
}

/** A Trusted Types policy that sanitizes. */
export interface TrustedHtmlPolicy {
  readonly name: string;
  /** The clean markup as `TrustedHTML`, which goes where TypeScript wants a string. */
  createHTML(html: string): string;
}

/**
 * Makes a policy.
 * @internal
 * @throws VesperaSecurityError `ERR_CONFIG_INVALID` if the page does not allow it
 */
export function createPolicy(
  types: TrustedTypesLike,
  name: string,
  createHTML: (html: string) => string,
): TrustedHtmlPolicy {
  try {
    return types.createPolicy(name, { createHTML });
  } catch (cause) {
    throw createError(
      'ERR_CONFIG_INVALID',
      "html: the page allows no Trusted Types policy of this name, or no second one: list the name in trusted-types, and 'allow-duplicates' if there are two",
      {},
      { cause },
    );
  }
}
