/** Chromium: the system's own, found, installed where that is possible, and started with an empty profile. */
import { spawnSync } from 'node:child_process';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ARGUMENTS = [
  '--no-sandbox', // as root, Chromium does not start with it
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What to say where there is no Chromium. */
export const HOW_TO_GET = 'no Chromium: run `apt-get install -y chromium`, or set CHROMIUM to its path';

/** The path of Chromium, or undefined. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

/** The path of Chromium, which is installed if this is Debian and we are root; otherwise undefined. */
export function ensureChromium(say) {
  const found = findChromium();
  if (found || process.getuid?.() !== 0) return found;
  say('chromium');
  const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = () => spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], quiet);
  // The lists may be missing or old: they are read anew only if the first try fails.
  if (install().status !== 0) {
    spawnSync('apt-get', ['update'], quiet);
    install();
  }
  return findChromium();
}

/** Starts Chromium. playwright-core gives it an empty profile, which goes when it is closed. */
export async function launch() {
  const { chromium } = await import('playwright-core'); // here: the test runner imports this file before npm's packages are there
  return chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
}

/**
 * Opens a page, waits until it calls `report(result)` and answers the result, with the errors of its
 * console, violations of its policy among them. (Asking the page would need `eval`, which its policy
 * forbids.)
 */
export async function resultOf(browser, url, { timeout = 60_000 } = {}) {
  const context = await browser.newContext();
  let timer;
  try {
    const page = await context.newPage();
    const complaints = [];
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(line.text());
    });
    let report;
    const reported = new Promise((resolve, reject) => {
      report = resolve;
      const fail = (words) => reject(new Error([words, ...complaints].join(' | ')));
      page.on('pageerror', (error) => fail(`the page threw: ${error.stack}`));
      timer = setTimeout(() => fail(`no result within ${timeout} ms`), timeout);
    });
    reported.catch(() => {}); // it may fail before anybody waits for it
    await page.exposeFunction('report', report);
    await page.goto(url);
    return { result: await reported, complaints };
  } finally {
    clearTimeout(timer);
    await context.close();
  }
}
