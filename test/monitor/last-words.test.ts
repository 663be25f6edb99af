import { expect, it } from 'vitest';
import { toLastWords } from '../../src/monitor/last-words.js';
import { toRunReport } from '../../src/report/run-report.js';
import { anEndedRun } from '../support/builders.js';

it('say in one line how a run ended, and whether to repeat it', () => {
  const line = toLastWords({ exitCode: 3, report: toRunReport(anEndedRun({ nextCommand: 'run again' })) });
  expect(line).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(line)).toEqual({
    exit_code: 3,
    meaning: 'finished; rerunning helps (`yes` rows left)',
    is_to_repeat: true,
    run_id: 'this',
    stopped_by: null,
    rows: 1,
    outcomes: { registered: 1 },
    retry: { no: 1, yes: 0, fix: 0 },
    next_command: 'run again',
  });
});

it.each(['x', 'é', '漢', '\u0000', '"'])('fit into 4096 bytes, whatever went wrong (%j)', (character) => {
  const problem = character.repeat(50_000);
  const line = toLastWords({ exitCode: 2, problem, report: toRunReport(anEndedRun({ nextCommand: problem })) });
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
  expect(JSON.parse(line)).toMatchObject({ exit_code: 2, is_to_repeat: false });
});

it('fit also where the summary of an earlier run counts what nobody knows', () => {
  const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`outcome-${at}`, 1]));
  const report = {
    ...toRunReport(anEndedRun()),
    outcomes: { registered: 2, ...unknown },
    retry: { no: 2, ...unknown },
  };
  expect(JSON.parse(toLastWords({ exitCode: 0, report }))).toMatchObject({
    outcomes: { registered: 2 },
    retry: { no: 2, yes: 0, fix: 0 },
  });
});
