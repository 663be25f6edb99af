import { describe, expect, test } from 'vitest';
import type { SentContent } from '../../src/record/journal-entry.js';
import type { PlanWarning } from '../../src/plan/plan-warning.js';
import type { SignatureReading } from '../../src/signature/signature.js';
import { tellChanged } from '../../src/plan/tell-changed.js';
import { aHeader, aSettlement } from '../support/builders.js';

const NAMES = ['Username', 'note', 'token_type', 'signature_path', 'status'];
const SENT: SentContent = { signature: 'd1', status: '2', algorithm: '1' };
const SIGNATURE = { bytes: Buffer.from('0'), algorithm: '1', digest: 'd1' } as const;

interface Case {
  readonly cells?: readonly string[];
  readonly reading?: SignatureReading;
  readonly sent?: SentContent | undefined;
}

/** What is said of one row that was sent so, and what is read for it. */
async function tell({ cells, reading = { signature: SIGNATURE }, ...given }: Case) {
  const row = {
    line: 7,
    cells: cells ?? ['ben', 'x', 'pki', 'ben.p7s', 'valid'],
    plan: { kind: 'carry', settlement: aSettlement({ outcome: 'unknown' }) },
  } as const;
  const sent = new Map([['pki:ben', 'sent' in given ? given.sent : SENT]]);
  const [read, warnings]: [string[], PlanWarning[]] = [[], []];
  const { ownNames, rows } = tellChanged(
    {
      ownNames: NAMES,
      header: aHeader(NAMES),
      rows: (async function* () {
        yield await Promise.resolve(row);
      })(),
    },
    {
      contentInDoubt: (key) => sent.get(key),
      defaultStatus: '2',
      allowed: [],
      readSignature: ({ signaturePath }) => {
        read.push(signaturePath);
        return reading;
      },
      warn: (warning) => warnings.push(warning),
    },
  );
  const passed = [];
  for await (const each of rows) passed.push(each);
  expect([ownNames, passed]).toEqual([NAMES, [row]]);
  return { warnings: warnings.map(({ kind, line, text }) => `${kind} ${line} ${text}`), read };
}

describe('a row in doubt', () => {
  test('that would be sent as before is no news', async () => {
    expect(await tell({})).toEqual({ warnings: [], read: ['ben.p7s'] });
    expect((await tell({ cells: ['ben', 'y', 'cert', 'other/name.pem', ''] })).warnings).toEqual([]);
  });

  test('that has another signature, status or algorithm now is told of', async () => {
    const other = { ...SIGNATURE, digest: 'd2' };
    expect((await tell({ reading: { signature: other } })).warnings).toEqual([
      'changed_cells 7 ben is in doubt, and was sent with another signature than it has now: when it is registered, look which of the two the server has',
    ]);
    const all = { cells: ['ben', 'x', 'pki', 'ben.p7s', '3'], reading: { signature: { ...other, algorithm: '2' } } };
    expect((await tell(all as Case)).warnings.join()).toContain('another signature, status, algorithm than');
  });

  test.each<[string, Case]>([
    ['its signature can not be read', { reading: { rejection: { column: 'signature_path', reason: 'is gone' } } }],
    ['its status is no status', { cells: ['ben', 'x', 'pki', 'ben.p7s', 'often'] }],
    ['it names no user', { cells: ['', 'x', 'pki', 'ben.p7s', '2'] }],
  ])('that can not be sent at all says so elsewhere: %s', async (_, changes) => {
    expect((await tell(changes)).warnings).toEqual([]);
  });
});

test('of a row without doubt nothing is read', async () => {
  expect(await tell({ sent: undefined })).toEqual({ warnings: [], read: [] });
});
