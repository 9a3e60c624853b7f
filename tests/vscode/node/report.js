/** Sends an answer, or why there is none, to the extension host. */
import { isVesperaSecurityError } from 'vespera-security/errors';

const editor = acquireVsCodeApi();

export function report(answer) {
  answer.then(
    (value) => editor.postMessage(value),
    (error) =>
      editor.postMessage({
        error: isVesperaSecurityError(error) ? error.toJSON() : { message: String(error?.stack ?? error) },
      }),
  );
}
