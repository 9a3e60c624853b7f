/** The script of the webview: the bytes are in it. */
import * as lib from 'vespera-security';
import { subject } from '../subject.mjs';
import { report } from './report.js';

report(subject(lib));
