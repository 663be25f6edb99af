// How long it takes to check an input: 100,000 OTP rows, and 10,000 PKI rows whose signatures are judged in full.
import { join } from 'node:path';
import { nodePath, productScript } from './contender.mjs';
import { median } from './figures.mjs';
import { otpLine, pkiLine, writeRows, writeSignatures } from './input.mjs';
import { measure } from './process.mjs';

const OTP_ROWS = 100_000;
const PKI_ROWS = 10_000;

export const parts = [
  { name: 'validate otp', run: (context) => validate(context, OTP_ROWS, otpLine) },
  {
    name: 'validate pki',
    run: (context) => {
      writeSignatures(context.folder);
      return validate(context, PKI_ROWS, pkiLine);
    },
  },
];

async function validate({ folder, rounds }, rows, toLine) {
  const input = writeRows(join(folder, 'users.csv'), rows, { toLine });
  const measured = [];
  for (let round = 0; round < rounds; round += 1) {
    measured.push(
      await measure({ command: nodePath, args: [productScript, 'validate', input], log: join(folder, 'log') }),
    );
  }
  const middle = (name) => median(measured.map((each) => each[name]));
  const seconds = middle('seconds');
  return [
    {
      who: 'ours',
      rows,
      s: seconds,
      'rows/s': rows / seconds,
      'CPU s': middle('cpuSeconds'),
      'peak MB': middle('peakMb'),
    },
  ];
}
