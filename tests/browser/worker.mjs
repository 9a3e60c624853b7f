/** Runs the suite in a dedicated worker. */
import * as lib from '../../pkg/index.mjs';
import { suites } from '../suite/all.mjs';
import { runAll } from '../suite/harness.mjs';

postMessage(await runAll(suites, lib));
