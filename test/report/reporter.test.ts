import { expect, it } from 'vitest';
import { both, quiet, telling } from '../../src/report/reporter.js';
import type { Reporter } from '../../src/report/reporter.js';
import { SummaryCounter } from '../../src/report/summary.js';

function recording(): { readonly reporter: Reporter; readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    reporter: {
      note: (event, text) => told.push(`note ${event} ${text}`),
      warn: (event, text) => told.push(`warn ${event} ${text}`),
      progress: ({ rows }) => told.push(`progress ${rows}`),
      end: () => told.push('end'),
    },
  };
}

function tellAll({ note, warn, progress, end }: Reporter): void {
  note('pace', 'slower');
  warn('row', 'odd');
  progress(new SummaryCounter());
  end();
}

it('tells both the same', () => {
  const [one, other] = [recording(), recording()];
  tellAll(both(one.reporter, other.reporter));
  expect(one.told).toEqual(['note pace slower', 'warn row odd', 'progress 0', 'end']);
  expect(other.told).toEqual(one.told);
});

it('tells warnings alone, where it is to be quiet', () => {
  const { reporter, told } = recording();
  tellAll(quiet(reporter));
  expect(told).toEqual(['warn row odd', 'end']);
});

it('tells of one thing', () => {
  const { reporter, told } = recording();
  telling(reporter.warn, 'clock')('late');
  expect(told).toEqual(['warn clock late']);
});
