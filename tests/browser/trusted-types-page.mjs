/** Writes markup in a page that takes none without a policy. */
import { HtmlSanitizer, trustedTypesPolicy } from '../../pkg/index.mjs';
import DOMPurify from '../../pkg/dompurify.mjs';

const code = (work) => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return error.code ?? error.name;
  }
};
const place = document.createElement('div');
const written = (html) => {
  place.innerHTML = html;
  return place.innerHTML;
};

const dirty = '<b onclick=run()>x</b><script>run()</script>';
const sanitizer = new HtmlSanitizer();
const policy = trustedTypesPolicy(sanitizer);
globalThis.report({
  text: code(() => written(dirty)),
  policy: written(policy.createHTML(dirty)),
  dompurify: [1, 2].map(() => written(DOMPurify.sanitize(dirty, { RETURN_TRUSTED_TYPE: true }))),
  second: code(() => trustedTypesPolicy(sanitizer)),
  unlisted: code(() => trustedTypesPolicy(sanitizer, 'another')),
  none: code(() => trustedTypesPolicy(undefined)),
});
