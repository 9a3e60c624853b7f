/** The suite through `import`. */
import * as lib from '../../pkg/node.mjs';
import { runSuites } from './suite.mjs';

runSuites(lib);
