import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInput } from '../../src/input/open-input.js';
import { FailedLines } from '../../src/page/failed-lines.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

const ADDED = 'line,outcome,retry,return_code,message,http_status,attempts,sent_at,latency_ms,detail';

/** @returns of the rows of the results with these lines, where the failed file has them */
async function take(rows: readonly string[], wanted: readonly number[]): Promise<(number | undefined)[]> {
  const plain = {
    encoding: undefined,
    delimiter: undefined,
    columns: undefined,
    sheet: undefined,
    remembered: undefined,
  };
  lab.file('users.failed.csv', [`username,token_type,${ADDED}`, ...rows, ''].join('\n'));
  const lines = new FailedLines(await openInput(lab.path('users.failed.csv'), plain));
  const taken: (number | undefined)[] = [];
  for (const line of wanted) taken.push(await lines.take(line));
  await lines.close();
  return taken;
}

const row = (username: string, line: number | string): string => `${username},otp,${line},invalid,fix,,,,0,,,why`;

describe('where a row is to be corrected', () => {
  it('is its line in the failed file', async () => {
    expect(await take([row('ann', 7), row('"b\nb"', 9), row('cem', 14)], [7, 9, 14])).toEqual([2, 3, 5]);
  });

  it('is not said of a row that somebody took out, and of the others it is', async () => {
    expect(await take([row('ann', 7), row('cem', 14)], [7, 9, 14])).toEqual([2, undefined, 3]);
  });

  it('is not said where the file is no longer as a run left it', async () => {
    expect(await take([row('cem', 14), row('ann', 7)], [7, 14])).toEqual([undefined, 2]);
    expect(await take([row('ann', 'x')], [7])).toEqual([undefined]);
    expect(await take([row('ann', 7), '"open'], [7, 9, 14])).toEqual([2, undefined, undefined]);
    expect(await new FailedLines(undefined).take(7)).toBeUndefined();
  });
});
