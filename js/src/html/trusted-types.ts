/** Trusted Types, where the host has them. */
import { createError } from '../errors.js';

/** The part of `trustedTypes` that is used. @internal */
export interface TrustedTypesLike {
  createPolicy(name: string, rules: { createHTML(html: string): string }): TrustedPolicy;
}

/** A policy. @internal */
export interface TrustedPolicy {
  createHTML(html: string): unknown;
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
): TrustedPolicy {
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
