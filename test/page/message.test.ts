import { describe, expect, it } from 'vitest';
import { toMessage } from '../../src/page/message.js';
import { AN_ORIGIN } from '../support/builders.js';
import { aStanding, aRowWith, aStory } from '../support/story.js';

describe('the message', () => {
  const settings = { server: 'https://centagate.example', admin: 'mia' };
  const refused = aRowWith({ outcome: 'refused', returnCode: '22002' }, { username: 'bob' });

  it('says of a job that is done what is left to do all the same', () => {
    const { headline, steps } = toMessage(aStory());
    expect(headline).toBe('Every row is done: 1 person of 1 has a token.');
    expect(steps).toEqual([
      { text: 'Ask the server whether it has them all:', command: 'centagate-provision verify users.results.csv' },
      { text: 'Hand out the activation keys:', command: 'centagate-provision keys users.results.csv' },
    ]);
  });

  it('says how many rows are left, of how many people, and what to type', () => {
    const rows = [aStanding(), refused, aRowWith({ outcome: 'unknown' }, { username: 'cem' })];
    const { headline, sentences, steps } = toMessage(
      aStory({ rows, runs: [{ nextCommand: 'centagate-provision run users.failed.csv', settings }] }),
    );
    expect(headline).toBe('2 rows of 3 are left, of 2 people.');
    expect(sentences).toEqual([
      '1 person has a token, 1 has none that is known of, 1 is in doubt.',
      '1 row needs a correction first.',
      '1 row needs nothing but another run.',
      '1 row is in doubt: the server may have registered it.',
      '1 activation key waits in users.keys.csv.',
    ]);
    expect(steps).toEqual([
      { text: 'Correct 1 row in users.failed.csv: what is wrong stands under “What is left”.' },
      {
        text: 'Type this, where it was typed before. The server was https://centagate.example and the administrator mia: the session, and what of these the command does not name, comes from the environment, as it did then.',
        command: 'centagate-provision run users.failed.csv',
      },
    ]);
  });

  it('says what was not as usual and the command does not name, where it may come from the environment', () => {
    const told = { ...settings, concurrency: 2, timeoutMs: 90_000, noPreflight: true, attempts: 4, fresh: true };
    const textOf = (nextCommand: string) =>
      toMessage(aStory({ rows: [refused], runs: [{ nextCommand, settings: told }] })).steps.at(-1)?.text;
    expect(textOf('centagate-provision run users.failed.csv --timeout 90')).toMatch(
      / as it did then\. Not as usual, and from the environment: --concurrency 2, --no-preflight\.$/,
    );
    expect(textOf('centagate-provision run users.failed.csv --config job.yaml')).toBe(
      'Type this, where it was typed before. Not as usual, and from the configuration file or the environment: --concurrency 2, --timeout 90, --no-preflight.',
    );
  });

  it('counts who has a token whose key is lost apart from those who have none', () => {
    const rows = [aStanding(), aRowWith({ outcome: 'key_lost' }, { username: 'bob' })];
    expect(toMessage(aStory({ rows })).sentences[0]).toBe(
      '1 person has a token, 1 has one whose key is lost, 0 have none that is known of.',
    );
  });

  it('counts a row that names nobody beside the people', () => {
    const rows = [aStanding(), aRowWith({ outcome: 'invalid' }, { username: '' })];
    expect(toMessage(aStory({ rows })).sentences[0]).toBe(
      '1 person has a token, 0 have none that is known of; 1 row names nobody.',
    );
  });

  it('names those whose token has no key here, each kind with whom to ask', () => {
    const there = ['ann', 'bob', 'cem', 'dan', 'eve', 'fay'];
    const rows = [
      ...there.map((username) => aRowWith({ outcome: 'already_registered' }, { username })),
      aRowWith({ outcome: 'key_lost' }, { username: 'gil' }),
      aStanding({ username: 'hal' }),
    ];
    const { sentences, steps } = toMessage(aStory({ rows, keyOf: () => 'none' }));
    expect(sentences.filter((text) => text.includes('no activation key'))).toEqual([
      '6 OTP tokens have no activation key here (already_registered: ann, bob, cem, dan, eve, …): there before this job, so whoever registered them then has their keys.',
      '1 OTP token has no activation key here (key_lost: gil): a token is there, and its key never came: whoever looks after the users in CENTAGATE can unregister it.',
      '1 OTP token has no activation key here (registered: hal): registered by this job, and users.keys.csv has no key of them: look for the file that the runs wrote.',
    ]);
    expect(steps.at(-1)?.text).toMatch(
      /^Ask the administrators of CENTAGATE who has the keys of the 6 OTP tokens that were/,
    );
    expect(
      toMessage(aStory())
        .steps.map(({ text }) => text)
        .join(),
    ).not.toContain('Ask the administrators');
  });

  it('has no command where no line is sure to be right', () => {
    const { steps } = toMessage(aStory({ rows: [refused] }));
    expect(steps.at(-1)).toEqual({ text: 'Type the command of the run again, over users.failed.csv.' });
  });

  it('says why the last run stopped, and that this is to be mended first', () => {
    const story = aStory({ rows: [aRowWith({ outcome: 'not_sent' })] });
    const stopped = { ...story, summary: { ...story.summary!, stopped_by: 'the licence is used up' } };
    const { sentences, steps } = toMessage(stopped);
    expect(sentences[0]).toBe('The last run was stopped early: the licence is used up');
    expect(steps[0]?.text).toBe('Mend what stopped the last run.');
  });

  it('says how to send the rows that a run left out', () => {
    const rows = [refused, aRowWith({ outcome: 'not_sent' }, { username: 'cem' })];
    const { summary, ...story } = aStory({ rows });
    const made_by = { ...AN_ORIGIN, command: 'centagate-provision run users.csv --where dept=IT' };
    const leftOut = { ...summary!, made_by, left_out: 1, selection: { where: ['dept=IT'] } };
    const message = (next_command: string) => toMessage({ ...story, summary: { ...leftOut, next_command } });
    const kept = message('centagate-provision run users.failed.csv --where dept=IT');
    expect(kept.sentences).toContain(
      '1 row was left out by --where dept=IT. To send them: the same command without --where.',
    );
    expect(kept.steps.at(-1)?.text).toBe('Then send 1 row that it leaves out: the same command without --where.');
    const dropped = message('centagate-provision run users.csv');
    expect(dropped.steps).toHaveLength(2);
  });

  it('says of a run whose journal is there that these results are those of before it', () => {
    const command = 'centagate-provision run users.csv --config job.yaml';
    const counts = { done: 3, inDoubt: 2, left: 1 };
    const underWay = { startedAt: '2026-01-31T12:00:00.000Z', command, by: 'mia on desk-7', ...counts };
    const { headline, sentences, steps } = toMessage(aStory({ changes: { underWay } }));
    expect(sentences[0]).toBe(
      'It was begun on 2026-01-31 12:00:00 UTC by mia on desk-7, and came to 6 rows: 3 with a token, 2 in doubt, 1 left. None of that is in this report yet.',
    );
    expect(headline).toMatch(/^A run is under way, or was cut off\. Before it: /);
    expect(steps).toEqual([
      {
        text: 'If that run is no longer at work, type the same command again: it completes what was begun.',
        command: underWay.command,
      },
    ]);
  });

  it('says of an undo that is under way that it is one', () => {
    const by = {
      startedAt: '2026-01-31T12:00:00.000Z',
      command: undefined,
      by: undefined,
      undo: 'unregister',
    } as const;
    const story = aStory({ changes: { underWay: { ...by, done: 2, inDoubt: 1, left: 0 } } });
    expect(toMessage(story).sentences[0]).toContain(
      'The undo (unregister) was begun on 2026-01-31 12:00:00 UTC, and came to 3 rows: 2 through, 1 in doubt, 0 left',
    );
  });

  it('asks for no correction of what undo took back', () => {
    const { sentences, steps } = toMessage(aStory({ rows: [aStanding(), aRowWith({ outcome: 'undone' })] }));
    expect(sentences).toContain('1 row was taken back by undo.');
    expect(sentences.join()).not.toContain('correction');
    expect(steps[0]?.command).toBe('centagate-provision verify users.results.csv');
  });

  it('calls a job done that undo took rows back of, and says so', () => {
    const rows = [aStanding(), aRowWith({ outcome: 'undone' }, { username: 'bob' })];
    const story = aStory({ rows });
    expect(toMessage(story).headline).toBe(
      'Every row is done, but for 1 row that undo took back: 1 person of 2 has a token.',
    );
    expect(story.figures.people.left).toBe(0);
  });

  it('takes no undo that is not through for the command of the rows that are left', () => {
    const { summary, ...story } = aStory({ rows: [aStanding(), refused] });
    const command = 'centagate-provision undo users.results.csv --how deactivate';
    const undo = { how: 'deactivate', rows: 1, outcomes: {} } as const;
    const { steps } = toMessage({ ...story, summary: { ...summary!, undo, next_command: command } });
    expect(steps.map(({ command }) => command)).toEqual([command, undefined, undefined]);
    expect(steps[0]?.text).toContain('Undo is not through: see the detail column of users.undo.results.csv');
    expect(steps[2]?.text).toBe('Type the command of the run again, over users.failed.csv.');
  });

  it('hands out no keys before an undo is through', () => {
    const { summary, ...story } = aStory({ rows: [aStanding()] });
    const undo = { how: 'deactivate', rows: 1, outcomes: {} } as const;
    const { steps } = toMessage({ ...story, summary: { ...summary!, undo, next_command: 'undo' } });
    expect(steps.map(({ command }) => command)).toEqual(['undo']);
  });
});
