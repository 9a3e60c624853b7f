/** An extension in the web-worker extension host. */
import * as lib from 'vespera-security';
import * as vscode from 'vscode';
import { subject } from '../subject.mjs';

export function activate(context) {
  const run = async () => ({ ...(await subject(lib)), worker: typeof WorkerGlobalScope === 'function' });
  context.subscriptions.push(vscode.commands.registerCommand('vesperaWorkerFixture.run', run));
}
