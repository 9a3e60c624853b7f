/** The script of the webview. */
import { isVesperaSecurityError } from 'vespera-security/errors';
import { subject } from '../subject.mjs';

const editor = acquireVsCodeApi();

subject().then(
  (answer) => editor.postMessage(answer),
  (error) =>
    editor.postMessage({
      error: isVesperaSecurityError(error) ? error.toJSON() : { message: String(error?.stack ?? error) },
    }),
);
