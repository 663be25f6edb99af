import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addTotals, RowTotals, without } from '../../src/manifest/row-totals.js';
import type { Totals } from '../../src/manifest/row-totals.js';
import { aHeader } from '../support/builders.js';

const HEADER = aHeader(['username', 'token_type', 'note']);

function totalsOf(rows: readonly (readonly string[])[]): Totals {
  const totals = new RowTotals();
  for (const cells of rows) totals.add(HEADER, cells);
  return totals.result();
}

/** Written anew, with numbers that never round. */
function sumOf(lines: readonly string[]): number {
  const numbers = lines.map((line) => BigInt(`0x${createHash('sha256').update(line).digest('hex').slice(0, 12)}`));
  return Number(numbers.reduce((sum, number) => sum + number, 0n) % 2n ** 48n);
}

const cell = fc.oneof(fc.constantFrom('ann', 'otp', 'pki', ''), fc.string());
const rows = fc.array(fc.tuple(cell, fc.oneof(fc.constantFrom('otp', 'pki', 'PKCS7', 'otp-offline'), cell), cell));

describe('the hash total', () => {
  test('is the sum of the first 12 hex digits of each line, modulo 2^48', () => {
    const lines = ['ann\totp\n', 'bob\tpki\n', 'çelik\totp\n'];
    const found = totalsOf([
      ['ann', 'otp', ''],
      [' bob ', 'Pkcs7', 'x'],
      ['çelik', 'OTP-offline ', ''],
    ]);
    expect(found).toEqual({ rows: 3, types: { otp: 2, pki: 1, other: 0 }, hash_total: sumOf(lines) });
  });

  test('does not depend on the order, and stays below 2^48', () => {
    fc.assert(
      fc.property(rows, (given) => {
        expect(totalsOf(given.toReversed())).toEqual(totalsOf(given));
        expect(totalsOf(given).hash_total).toBeLessThan(2 ** 48);
      }),
    );
  });

  test('tells rows apart that swap their types', () => {
    const [one, other] = [
      [
        ['ann', 'otp'],
        ['bob', 'pki'],
      ],
      [
        ['ann', 'pki'],
        ['bob', 'otp'],
      ],
    ];
    expect(totalsOf(one).hash_total).not.toBe(totalsOf(other).hash_total);
  });

  test('of an unknown type goes by its cell, in lower case', () => {
    expect(totalsOf([['ann', ' Fob ']])).toEqual({
      rows: 1,
      types: { otp: 0, pki: 0, other: 1 },
      hash_total: sumOf(['ann\tfob\n']),
    });
  });
});

test('what is left without some rows is what the others sum up to', () => {
  fc.assert(
    fc.property(rows, rows, (some, others) => {
      expect(without(totalsOf([...some, ...others]), totalsOf(some))).toEqual(totalsOf(others));
    }),
  );
});

test('what two parts sum up to is what the whole does', () => {
  fc.assert(
    fc.property(rows, rows, (some, others) => {
      const { rows: count, hash_total } = totalsOf([...some, ...others]);
      expect(addTotals(totalsOf(some), totalsOf(others))).toEqual({ rows: count, hash_total });
    }),
  );
});
