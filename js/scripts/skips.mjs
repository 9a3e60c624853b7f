/** A reporter for Node's test runner: names every test that was skipped. Under CI=1 that fails the run. */
export const CI = Boolean(process.env.CI) && process.env.CI !== 'false' && process.env.CI !== '0';

export default async function* skips(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' || data.skip === undefined) continue;
    if (CI) process.exitCode = 1;
    yield `\n${CI ? '✗' : '–'} skipped: ${data.name}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}\n`;
  }
}
