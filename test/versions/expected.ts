/** What the program prints, whatever the version of the SDK. */
export const EXPECTED = {
  healthy: { answer: 'healthy written' },
  retried: { answer: 'retried written' },
  deadLettered: { message: 'rejected failed', status: 'WAITING' },
  replayed: 'REPLAYED',
  parked: ['parked written', 'parked-large written, 1100000'],
  redriven: ['COMPLETED', 'REPLAYED', 'REPLAYED', 'REPLAYED'],
  historiesReplay: true,
  breaker: { whileOpen: 'RUNNING', afterwards: { answer: 'held written' }, calls: 1 },
  observed: { message: 'observed failed', markers: 0 },
  ownConverter: { replayed: 'REPLAYED', parked: 'own-parked written' },
};
