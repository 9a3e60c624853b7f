/** A webview that leaves the work to the extension host and only reads what comes back. */
import { VesperaConfigurationError, VesperaSecurityError } from 'vespera-security/errors';

const sent = { name: 'x', code: 'ERR_CONFIG_INVALID', message: 'limit: capacity must be a whole number' };
const received = VesperaSecurityError.fromJSON(sent);
window.report({
  name: received.name,
  code: received.code,
  known: received instanceof VesperaConfigurationError,
});
