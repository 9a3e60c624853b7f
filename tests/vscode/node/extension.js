/** An extension in the Node extension host. */
import * as lib from 'vespera-security';
import * as vscode from 'vscode';
import { subject } from '../subject.mjs';
import { showWebview } from './webview.js';

export function activate(context) {
  return {
    run: async () => ({ ...(await subject(lib)), node: process.versions.node }),
    webview: (options) => showWebview(context.extensionUri, options),
  };
}
