/** Registers every suite with Node's test runner. */
import { describe, test } from 'node:test';
import { suites } from '../suite/all.mjs';
import { context } from '../suite/harness.mjs';

export function runSuites(lib) {
  for (const [domain, suite] of Object.entries(suites)) describe(domain, () => suite(context(lib, test)));
}
