/** The script of a webview that fetches the module from the extension's folder. */
import * as lib from 'vespera-security/slim';
import { subject } from '../subject.mjs';
import { report } from './report.js';

const { core } = document.currentScript.dataset;

report(lib.init(fetch(core)).then(() => subject(lib)));
