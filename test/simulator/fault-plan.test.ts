import { expect, test } from 'vitest';
import { planFaults } from '../../src/simulator/fault-plan.js';
import { mulberry32 } from '../../src/simulator/random.js';

const never = (): number => {
  throw new Error('nothing should be drawn');
};

test("a user's script is met in order, then nothing", () => {
  const next = planFaults({ script: { ann: ['10004', 'ok', 'lost'], bob: ['html'] }, faults: [], draw: never });
  expect(['ann', 'bob', 'ann', 'eve', 'ann', 'ann', 'bob'].map(next)).toEqual([
    '10004',
    'html',
    'ok',
    'ok',
    'lost',
    'ok',
    'ok',
  ]);
});

test('a name that objects inherit is a name like others', () => {
  const next = planFaults({ script: {}, faults: [], draw: never });
  expect(next('constructor')).toBe('ok');
});

test('scripted sends draw nothing; later ones meet the shares', () => {
  const draws = [0.05, 0.11, 0.29, 0.31, 0.99];
  const next = planFaults({
    script: { ann: ['ok'] },
    faults: [
      { kind: '503', share: 0.1 },
      { kind: 'lost', share: 0.2 },
    ],
    draw: () => draws.shift()!,
  });
  expect(Array.from({ length: 6 }, () => next('ann'))).toEqual(['ok', '503', 'lost', 'lost', 'ok', 'ok']);
});

test('shares are kept in the long run', () => {
  const next = planFaults({ script: {}, faults: [{ kind: '10004', share: 0.2 }], draw: mulberry32(1) });
  const struck = Array.from({ length: 10_000 }, () => next('')).filter((kind) => kind === '10004').length;
  expect(struck).toBeGreaterThan(1900);
  expect(struck).toBeLessThan(2100);
});

test('a script or shares that make no sense are refused', () => {
  expect(() => planFaults({ script: { ann: ['ok', '12'] }, faults: [], draw: never })).toThrow(
    new RangeError('"12" in the script of ann is not a kind of fault'),
  );
  const faults = [{ kind: 'html', share: 0.6 } as const, { kind: '503', share: 0.6 } as const];
  expect(() => planFaults({ script: {}, faults, draw: never })).toThrow(RangeError);
});
