/** The suite through `require`. */
import { createRequire } from 'node:module';
import { runSuites } from './suite.mjs';

runSuites(createRequire(import.meta.url)('../../pkg/index.cjs'));
