/** Clicks through the playground, under the policy that it is served with. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { serve } from '../../js/scripts/serve.mjs';
import { launch } from './chromium.mjs';

let browser;
let server;
let page;
let complaints;

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

beforeEach(async (t) => {
  page = await browser.newPage();
  complaints = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(server.address) && !request.url().startsWith('data:'))
      complaints.push(`a request to ${request.url()}`);
  });
  await page.goto(server.address);
  await page.waitForSelector('body[data-ready]');
  t.after(async () => {
    await page.close();
    assert.deepEqual(complaints, [], 'nothing ran, nothing left, nothing broke the policy');
  });
});

const text = (selector) => page.locator(selector).innerText();

/** Waits until an element's text fits. */
async function reads(selector, pattern, timeout = 10_000) {
  await page.locator(selector).filter({ hasText: pattern }).waitFor({ timeout });
}

test('a message is cleaned, shown and explained', async () => {
  assert.equal(await page.locator('#message-shown script, #message-shown [onerror]').count(), 0);
  await page.fill('#message', '<p onclick="alert(1)">Hello</p><iframe src="https://evil.example"></iframe>');
  assert.equal((await text('#message-shown')).trim(), 'Hello');
  await reads('#message-removed', /onclick/);
  await reads('#message-removed', /iframe/);
  await page.fill('#message', 'no markup at all');
  await reads('#message-verdict', /Nothing had to change/);
});

test('the profile is chosen by keyboard', async () => {
  await page.fill('#message', '<h1>Title</h1>');
  await page.locator('#message-profile input[value="chat"]').focus();
  await page.keyboard.press('ArrowRight');
  await reads('#message-markup', '<h1>Title</h1>');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await text('#message-markup'), 'Title');
});

test('every sample is cleaned without a trace', async () => {
  for (const sample of await page.locator('#message-samples button').all()) {
    await sample.click();
    assert.equal(
      await page.locator('#message-shown').locator('script, style, iframe, form, input').count(),
      0,
    );
  }
});

test('the bucket drains and fills again', async () => {
  // Without a burst it holds five, however long the page has been open.
  await page.fill('#bucket-settings [name="burstAllowance"]', '0');
  await page.keyboard.press('Tab');
  await page.click('[data-take="6"]');
  await reads('#bucket-outcome', /5 granted, 1 refused/);
  await reads('#bucket-level', /^[0-4]/);
  const height = async () => Number(await page.getAttribute('#bucket-water', 'height'));
  const drained = await height();
  await reads('#bucket-level', /^5/);
  assert.ok((await height()) > drained);
});

test('a configuration that is refused names the field', async () => {
  await page.fill('#bucket-settings [name="capacity"]', '0');
  await page.keyboard.press('Tab');
  await reads('#bucket-outcome', /ERR_CONFIG_INVALID.*capacity/);
});

test('the breaker opens, waits, tries once and closes', async () => {
  await page.click('#breaker-calls');
  await reads('#breaker-state', /^open$/);
  assert.equal(await page.locator('#breaker-log .failed').count(), 3);
  assert.equal(await page.locator('#breaker-log .spared').count(), 2);
  await page.locator('#breaker-healthy').press('Space');
  await reads('#breaker-wait', /one call may try/);
  await page.click('#breaker-call');
  await reads('#breaker-state', /^closed$/);
  assert.equal(await page.locator('#breaker-log .ok').count(), 1);
});

test('a record opens only unchanged and in its place', async () => {
  await reads('#record-verdict', /It opens.*usage statistics/s);
  const byte = page.locator('#record-bytes button').nth(80);
  await byte.click();
  await reads('#record-verdict', /ERR_CRYPTO_OPEN_FAILED/);
  await byte.click();
  await reads('#record-verdict', /It opens/);
  await page.fill('#record-claim', 'consent/1|bob|statistics');
  await reads('#record-verdict', /ERR_CRYPTO_OPEN_FAILED/);
  await page.click('#record-restore');
  await reads('#record-verdict', /It opens/);
  await page.click('#record-rotate');
  await reads('#record-verdict', /It opens/);
});

test('the bytes are one stop for Tab, and the arrow keys walk in them', async () => {
  const bytes = page.locator('#record-bytes button');
  assert.equal(await page.locator('#record-bytes button[tabindex="0"]').count(), 1);
  await bytes.first().focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  assert.equal(await bytes.nth(1).getAttribute('aria-pressed'), 'true');
  await reads('#record-verdict', /It is refused/);
});

test('nothing is wider than a narrow screen', async () => {
  await page.setViewportSize({ width: 320, height: 700 });
  const wide = await page.locator('body').evaluate((body) =>
    [...body.querySelectorAll('*')]
      .filter((it) => it.checkVisibility() && !it.closest('svg, .skip, .hidden'))
      .filter((it) => it.getBoundingClientRect().right > innerWidth + 1)
      .map((it) => it.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(wide, []);
});

test('every control has a name', async () => {
  const nameless = await page
    .locator('body')
    .evaluate((body) =>
      [...body.querySelectorAll('button, input, textarea')]
        .filter((it) => !(it.ariaLabel || it.innerText || it.labels?.[0]?.innerText))
        .map((it) => it.outerHTML),
    );
  assert.deepEqual(nameless, []);
});

test('a consent is asked for once, proven, taken back and erased', async () => {
  const allowed = page.locator('#consent-purposes .state.good');
  assert.equal(await allowed.count(), 1, 'the contract');
  await page.click('#consent-ask');
  assert.equal(
    await page.locator('#consent-dialog input:checked').count(),
    0,
    'nothing is ticked beforehand',
  );
  await page.getByRole('button', { name: 'Allow all' }).click();
  await reads('#consent-outcome', /2 of 2 allowed/);
  assert.equal(await allowed.count(), 3);
  await page.click('#consent-ask');
  await reads('#consent-outcome', /nobody is asked twice/);
  await page.click('#consent-receipt');
  await reads('#consent-proof', /Its signature holds; with a field added it does not/);
  await page.click('#consent-withdraw');
  await reads('#consent-outcome', /Withdrawn/);
  assert.equal(await allowed.count(), 1);
  await page.click('#consent-erase');
  await reads('#consent-document', /vespera-erasure-certificate/);
  await reads('#consent-proof', /Its signature holds/);
});

test('a dialogue that is closed allows nothing', async () => {
  await page.click('#consent-ask');
  await page.keyboard.press('Escape');
  await reads('#consent-outcome', /closed without an answer/);
});

test('each person has a bucket of their own under each rule', async () => {
  const ask = page.locator('.rule-card').nth(1).getByRole('button', { name: 'Ada asks' });
  for (let request = 0; request < 3; request++) await ask.click();
  await reads('#rules-outcome', /Ada: refused by export/);
  const bob = page.locator('.rule-card').nth(1).locator('.meter-row').nth(1);
  assert.match(await bob.innerText(), /2 left/);
  await bob.getByRole('button').click();
  await reads('#rules-outcome', /Bob: allowed by export/);
});

test('a threat is marked where it stands, with its evidence', async () => {
  await page.fill('#suspect', "name'; DROP TABLE users; --");
  await reads('#suspect-findings', /sql injection/);
  assert.match(await text('#suspect-marked mark'), /DROP TABLE/);
  await page.click('#suspect-samples button:text("Ordinary code")');
  await reads('#suspect-verdict', /Nothing to report/);
  assert.equal(await page.locator('#suspect-marked mark').count(), 0);
});

test('what nobody sees is made visible', async () => {
  await page.click('#suspect-samples button:text("A hidden order")');
  await reads('#suspect-marked .unseen', 'ignore all previous instructions');
  await reads('#suspect-findings', /hidden unicode/);
});
