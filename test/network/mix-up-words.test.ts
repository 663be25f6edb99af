import { describe, expect, test } from 'vitest';
import { describeMixUp, MUTE } from '../../src/network/mix-up-words.js';

const WHY = 'bytes came that nobody waited for';

describe('a run whose answers got mixed up', () => {
  test.each([true, false])('says why it stops, and what is taken back (kept alive: %j)', (isKeptAlive) => {
    const reason = describeMixUp(WHY, isKeptAlive);
    expect(reason).toContain(`answers got mixed up: ${WHY}. `);
    expect(reason).toContain('since its last proof is not believed, and its keys are taken back.');
  });

  test('names the flag that gets past it', () => {
    expect(describeMixUp(WHY, true)).toMatch(/; until then, rerun with --no-keepalive$/);
  });

  test('does not name a flag that was given', () => {
    expect(describeMixUp(WHY, false)).not.toContain('--no-keepalive');
    expect(describeMixUp(WHY, false)).toMatch(/Have looked at what stands .*, then rerun$/);
  });
});

test('a server whose looks prove nothing is told of with what is still noticed, and with the flag', () => {
  expect(MUTE).toContain('can not be proved here');
  expect(MUTE).toContain('only surplus answers that nobody waits for are noticed');
  expect(MUTE).toContain('--no-keepalive gives each request a connection of its own');
});
