import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinAttempts } from '../../src/manifest/attempt-log.js';
import { ATTEMPT_COLUMNS } from '../../src/manifest/attempt-row.js';
import { Lab } from '../support/lab.js';

const HEADER = `${ATTEMPT_COLUMNS.join(',')}\n`;
const EARLIER = HEADER.replace(',connection', '');

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.remove());

test('logs of a version that knew no connections are gone on with, and get an empty cell', () => {
  const odd = '"a ""b"", c\nd"';
  const own = lab.file('own.csv', `${EARLIER}r1,ann,otp,1,t,registered,0,200,12\nr1,${odd},otp,1,t,refused,5,200,\n`);
  const shard = lab.file('shard.csv', `${HEADER}r2,ben,otp,1,t,registered,0,200,12,3\n`);
  joinAttempts(own, [lab.path('none.csv'), shard])?.file.place();
  expect(readFileSync(own, 'utf8')).toBe(
    `${HEADER}r1,ann,otp,1,t,registered,0,200,12,\nr1,${odd},otp,1,t,refused,5,200,,\nr2,ben,otp,1,t,registered,0,200,12,3\n`,
  );
});

test('a header that somebody changed stays over the records that it was made for', () => {
  const own = lab.file('own.csv', 'run;user\nr1;ann\n');
  joinAttempts(own, [lab.file('shard.csv', `${EARLIER}r2,ben,otp,1,t,registered,0,200,12\n`)])?.file.place();
  expect(readFileSync(own, 'utf8')).toBe('run;user\nr1;ann\nr2,ben,otp,1,t,registered,0,200,12,\n');
});

test('a log that is empty gets our header', () => {
  const own = lab.file('own.csv', '');
  joinAttempts(own, [lab.file('shard.csv', `${EARLIER}r2,ben,otp,1,t,registered,0,200,12\n`)])?.file.place();
  expect(readFileSync(own, 'utf8')).toBe(`${HEADER}r2,ben,otp,1,t,registered,0,200,12,\n`);
});

test('without any log there is none to write', () => {
  expect(joinAttempts(lab.path('own.csv'), [])).toBeUndefined();
});
