/** The circuit breaker: what it adds to awaiting an operation, and what a refusal costs. */
import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';

const OPEN_FOR = 3_600_000;

export default async ({ CircuitBreaker }) => {
  const operation = async () => 1;
  const fails = async () => {
    throw new Error('no');
  };
  const config = { failureThreshold: 5, recoveryTimeout: OPEN_FOR, monitoringPeriod: 10_000 };
  const cockatielConfig = { halfOpenAfter: OPEN_FOR, breaker: new ConsecutiveBreaker(5) };
  const opossumConfig = { timeout: false, resetTimeout: OPEN_FOR, volumeThreshold: 5 };

  const ours = new CircuitBreaker(config);
  const cockatiel = circuitBreaker(handleAll, cockatielConfig);
  const opossum = new Opossum(operation, opossumConfig);

  const oursOpen = new CircuitBreaker(config);
  const cockatielOpen = circuitBreaker(handleAll, { ...cockatielConfig, breaker: new ConsecutiveBreaker(5) });
  const opossumOpen = new Opossum(fails, opossumConfig);
  for (let call = 0; call < 10; call++) {
    await oursOpen.execute(fails).catch(() => {});
    await cockatielOpen.execute(fails).catch(() => {});
    await opossumOpen.fire().catch(() => {});
  }
  return [
    {
      name: 'breaker: what a call costs beyond the operation',
      baseline: 'bare await',
      contenders: {
        'vespera-security': () => ours.execute(operation),
        cockatiel: () => cockatiel.execute(operation),
        opossum: () => opossum.fire(),
        'bare await': operation,
      },
      goals: { cockatiel: { atLeast: 1 } },
    },
    {
      name: 'breaker: refuse while open',
      contenders: {
        'vespera-security': () => oursOpen.execute(operation).catch(refused),
        cockatiel: () => cockatielOpen.execute(operation).catch(refused),
        opossum: () => opossumOpen.fire().catch(refused),
      },
      goals: { cockatiel: { atLeast: 5 } },
    },
  ];
};

const refused = (error) => error;
