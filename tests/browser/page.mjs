/** Runs the suite in a page. */
import * as lib from '../../pkg/index.mjs';
import { suites } from '../suite/all.mjs';
import { runAll } from '../suite/harness.mjs';

globalThis.report(await runAll(suites, lib));
