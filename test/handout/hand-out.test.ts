import { describe, expect, it } from 'vitest';
import { handOut, MARKS, tellLeft } from '../../src/handout/hand-out.js';
import type { HandedKey } from '../../src/handout/hand-out.js';
import { KeyIndex } from '../../src/handout/key-index.js';
import { WithheldKeys } from '../../src/handout/withheld.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import type { Settlement } from '../../src/row/settlement.js';
import { addedCells, aFileRow, aHeader, aRowFile, aSettlement, NOON } from '../support/builders.js';

const HOUR = 3_600_000;

type Row = readonly [string, Partial<Settlement>?, string?];

/** Hands out the keys of these users, saved at these times, in the order of these rows. */
async function handOutOf(
  rows: readonly Row[],
  keys: Readonly<Record<string, number>>,
  { again, before = [] }: { readonly again?: string; readonly before?: readonly string[] } = {},
) {
  const index = new KeyIndex();
  const usernames = Object.keys(keys);
  for (const [at, username] of usernames.entries())
    index.note(username, keys[username] ?? 0, { start: at, end: at + 1, isTakenBack: false });
  before.forEach((username) => index.mark(username, MARKS.before));
  const fileRows = rows.map(([username, settlement, tokenType = 'otp']) =>
    aFileRow({ cells: [username, tokenType, 'Sales'], added: addedCells(aSettlement(settlement)) }),
  );
  const written: HandedKey[] = [];
  const withheld = new WithheldKeys(again);
  const nothing = (): undefined => undefined;
  const { writer, ...counts } = await handOut({
    results: aRowFile(fileRows, aHeader(['username', 'token_type', 'department'])),
    index,
    readKey: ({ start }) => {
      const username = usernames[start] ?? '';
      return { username, key: `K-${username}`, registeredAt: 'then', written: '' };
    },
    takes: ({ username }) => username !== 'untypable',
    open: () => ({ write: (key) => void written.push(key), finish: () => '', place: nothing, discard: nothing }),
    again,
    withheld,
  });
  const noted = usernames.filter((username) => tellLeft(username, { index, withheld }));
  return { ...counts, written, noted, withheld: withheld.named, isOpen: writer !== undefined };
}

describe('a hand-out', () => {
  it('has the keys of registered rows, in the order of the results, with their own cells', async () => {
    const { written, keys, noted } = await handOutOf([[' cy '], ['ann']], { ann: NOON, ben: NOON, cy: NOON });
    expect(written.map(({ key, cells }) => [key, cells])).toEqual([
      ['K-cy', [' cy ', 'otp', 'Sales']],
      ['K-ann', ['ann', 'otp', 'Sales']],
    ]);
    expect([keys, noted]).toEqual([2, ['ann', 'cy']]);
  });

  it('has no key that was handed out before, unless it is asked for', async () => {
    const rows: readonly Row[] = [['ann'], ['ben']];
    const keys = { ann: NOON, ben: NOON };
    const first = await handOutOf(rows, keys, { before: ['ann'] });
    expect([first.noted, first.before]).toEqual([['ben'], 1]);
    const again = await handOutOf(rows, keys, { before: ['ann', 'ben'], again: 'ann' });
    expect([again.noted, again.before]).toEqual([['ann'], 0]);
    const none = await handOutOf(rows, keys, { before: ['ann', 'ben'] });
    expect([none.isOpen, none.before]).toEqual([false, 2]);
  });

  it.each(OUTCOME_NAMES.filter((name) => name !== 'registered' && name !== 'duplicate'))(
    'has no key of a row that is %s, and names it',
    async (outcome) => {
      const { isOpen, withheld } = await handOutOf([['ann', { outcome }]], { ann: NOON });
      expect([isOpen, withheld]).toEqual([false, [{ username: 'ann', reason: 'not_registered', outcome }]]);
    },
  );

  it('knows why one user who is asked for has none, also where the keys file never had theirs', async () => {
    const rows: Row[] = [
      ['ann', { outcome: 'refused' }],
      ['ben', { outcome: 'key_lost' }],
      ['ben', { outcome: 'duplicate' }],
    ];
    const told = async (again?: string) =>
      (await handOutOf(rows, {}, again === undefined ? {} : { again })).unregistered;
    expect([await told('ben'), await told('cy'), await told()]).toEqual(['key_lost', undefined, undefined]);
  });

  it.each([['before'], ['behind']])(
    'has the key of a user once, where a row that is not registered stands %s theirs',
    async (place) => {
      const rows: Row[] = [['ann'], ['ann'], ['ann', { outcome: 'invalid' }], ['ann', { outcome: 'duplicate' }]];
      const { written, withheld } = await handOutOf(place === 'before' ? rows.reverse() : rows, { ann: NOON });
      expect([written.length, withheld]).toEqual([1, []]);
    },
  );

  it('has no key that its form can not hold', async () => {
    const { noted, withheld } = await handOutOf([['untypable'], ['ann']], { ann: NOON, untypable: NOON });
    expect([noted, withheld]).toEqual([['ann'], [{ username: 'untypable', reason: 'not_plain' }]]);
  });

  it('names a registered row whose key is not there, and a key without a row', async () => {
    const { withheld } = await handOutOf([['ann'], ['pia', {}, 'pki']], { ben: NOON, pia: NOON });
    expect(withheld).toEqual([
      { username: 'ann', reason: 'no_key' },
      { username: 'ben', reason: 'no_row' },
      { username: 'pia', reason: 'no_row' },
    ]);
  });

  it('has no key that is of an earlier send, or of no time that can be read; a clock that was set right is no reason', async () => {
    const sentAt = NOON + 2 * HOUR;
    const rows: readonly Row[] = [
      ['ann', { sentAt }],
      ['ben', { sentAt }],
      ['cy', { sentAt }],
    ];
    const { noted, withheld } = await handOutOf(rows, { ann: NOON, ben: NOON + HOUR, cy: 0 });
    expect(noted).toEqual(['ben']);
    expect(withheld).toEqual(['ann', 'cy'].map((username) => ({ username, reason: 'too_old' })));
  });
});
