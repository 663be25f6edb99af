import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { stringify } from 'csv-stringify/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checker } from './checker.mjs';
import type { SeenSend } from './checker.mjs';

/* A checker that finds nothing proves nothing: each promise is broken here by hand, and it has to say so. */

const NOON = Date.UTC(2026, 0, 31, 12);
const AT = new Date(NOON).toISOString();
const OWN = ['id', 'username', 'token_type'];
const ADDED = 'line,outcome,retry,return_code,message,http_status,attempts,sent_at,latency_ms,detail'.split(',');
const SECRET = 'the-auth-token-of-the-test';

interface Row {
  own: string[];
  outcome: string;
  retry: string;
  attempts: number;
  detail: string;
}
type Entry = Record<string, unknown>;
/** A run's whole life, as it should be until a test changes something. */
interface Life {
  rows: Row[];
  /** The failed file's; those of `rows` that are left unless told. */
  failed: Row[] | undefined;
  keys: string[];
  sends: SeenSend[];
  /** What the journal holds when each send arrives, and what it has got by the end. */
  journal: Entry[];
  end: Entry[];
  tokens: string[];
  exitCode: number;
  said: string;
  summary: Record<string, unknown>;
}

function aLife(): Life {
  const row = (own: string[], changes: Partial<Row> = {}): Row => {
    return { own, outcome: 'registered', retry: 'no', attempts: 1, detail: '', ...changes };
  };
  return {
    rows: [
      row(['r1', 'ann', 'otp']),
      row(['r2', 'ben', 'pki'], { attempts: 2 }),
      row(['r3', 'gone', 'otp'], { outcome: 'refused', retry: 'fix' }),
    ],
    failed: undefined,
    keys: [`ann,KEY-OF-ANN,${AT},,`],
    sends: [
      { n: 1, tokenType: 'otp', username: 'ann', at: NOON, applied: true, key: 'KEY-OF-ANN', fault: 'ok' },
      { n: 2, tokenType: 'pki', username: 'ben', at: NOON, timestamp: String(NOON), applied: false, fault: '500' },
      { n: 3, tokenType: 'pki', username: 'ben', at: NOON, timestamp: String(NOON), applied: true, fault: 'ok' },
      { n: 4, tokenType: 'otp', username: 'gone', at: NOON, applied: false, fault: 'ok' },
    ],
    journal: [
      { type: 'run', id: 'run 1' },
      intent('otp:ann', 1),
      intent('pki:ben', 1),
      { type: 'try', key: 'pki:ben', settlement: { outcome: 'unknown', attempts: 1 } },
      intent('pki:ben', 2),
      intent('otp:gone', 1),
    ],
    end: [settled('otp:ann', 1), settled('pki:ben', 2), settled('otp:gone', 1, 'refused')],
    tokens: ['otp:ann', 'pki:ben'],
    exitCode: 1,
    said: '',
    summary: {},
  };
}

/** One whose bytes left, unless told. */
function intent(key: string, attempt: number, hasLeft = true): Entry {
  return { type: 'intent', key, attempt, at: NOON, hasLeft };
}

function settled(key: string, attempts: number, outcome = 'registered'): Entry {
  return { type: 'settled', key, settlement: { outcome, attempts } };
}

let folder: string;
let checker: Checker;
let tokens: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checker-'));
  tokens = [];
  const kinds = ['otp', 'pki', 'gone'];
  const scenario = {
    columns: OWN,
    names: OWN,
    mark: '',
    lineEnd: '\n',
    lines: [2, 3, 4],
    rows: aLife().rows.map(({ own }, at) => ({
      id: own[0],
      kind: kinds[at],
      key: `${own[2] ?? ''}:${own[1] ?? ''}`,
      own,
    })),
    secrets: { authToken: SECRET },
  };
  const isRegistered = (tokenType: string, username: string): boolean => tokens.includes(`${tokenType}:${username}`);
  checker = new Checker({ scenario, folder, isRegistered });
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
}

function writeRows(name: string, rows: readonly Row[]): void {
  const cells = rows.map(({ own, outcome, retry, attempts, detail }) => {
    const sentAt = attempts > 0 ? AT : '';
    const line = String(Number(own[0]?.slice(1)) + 1);
    return [...own, line, outcome, retry, '', '', '', String(attempts), sentAt, '', detail];
  });
  write(name, stringify([[...OWN, ...ADDED], ...cells]));
}

function toJournal(entries: readonly Entry[]): string {
  const lines = entries.map(({ hasLeft, ...entry }, at) => {
    const rest = `${at + 1} ${JSON.stringify(entry)}`;
    const mark = entry['type'] !== 'intent' ? '' : hasLeft === true ? '>' : ' ';
    return `${crc32(rest).toString(16).padStart(8, '0')} ${rest}${mark}\n`;
  });
  return lines.join('');
}

/** The run as the server sees it. */
function send(life: Life): void {
  tokens = life.tokens;
  checker.beginRun('run 1');
  write('users.journal', toJournal(life.journal));
  for (const seen of life.sends) checker.noteSend(seen);
}

/** What is on the disk once it has ended by itself. */
function end(life: Life): void {
  const { rows, said } = life;
  rmSync(join(folder, 'users.journal'));
  writeRows('users.results.csv', rows);
  writeRows('users.failed.csv', life.failed ?? rows.filter(({ retry }) => retry !== 'no'));
  write('users.keys.csv', ['username,key,registered_at,written,object', ...life.keys, ''].join('\n'));
  const outcomes: Record<string, number> = {};
  for (const { outcome } of rows) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const summary = { exit_code: life.exitCode, rows: rows.length, sends: life.sends.length, outcomes, ...life.summary };
  write('users.summary.json', JSON.stringify(summary));
  checker.afterRun({ stdout: '', stderr: said }, life.exitCode);
}

function violationsOf(change: (life: Life, rows: [Row, Row, Row]) => void): readonly string[] {
  const life = aLife();
  change(life, life.rows as [Row, Row, Row]);
  send(life);
  end(life);
  return checker.violations;
}

it('finds nothing wrong with a life that is right', () => {
  expect(violationsOf(() => undefined)).toEqual([]);
});

describe('finds', () => {
  it.each<[string, (life: Life, rows: [Row, Row, Row]) => void, string]>([
    ['a row that is missing', (life) => life.rows.splice(1, 1), 'r2 stands 0 times'],
    ['a row that is there twice', (life, [ann]) => life.rows.push(ann), 'r1 stands 2 times'],
    ['rows in another order', (life) => life.rows.reverse(), 'is not in its place'],
    ['a cell that was changed', (_, [ann]) => (ann.own = ['r1', 'Ann', 'otp']), 'its own cells were changed'],
    ['a wrong retry', (_, [, ben]) => (ben.retry = 'yes'), 'r2: retry yes'],
    ['fewer attempts than sends', (_, [, ben]) => (ben.attempts = 1), 'saw 2 sends, attempts says 1'],
    [
      'fewer attempts than the journal has',
      (life, [ann]) => {
        life.journal.push(intent('otp:ann', 2), settled('otp:ann', 2));
        ann.attempts = 1;
      },
      'though send 2 was in the journal',
    ],
    [
      'an intent whose number does not rise',
      (life) => life.journal.push(intent('pki:ben', 2)),
      'intent 2 after send 2',
    ],
    ['a send without an intent', (life) => life.journal.splice(5, 1), 'the journal has 0 intents'],
    ['a second send with one intent', (life) => life.journal.splice(3, 2), 'the journal has 1 intents'],
    [
      'a send without a mark',
      (life) => (life.journal[1] = intent('otp:ann', 1, false)),
      'otp:ann: the server sees send 1 of this run, the journal has 0 intents with a mark',
    ],
    [
      'doubt of a send that never was, over a token from before',
      (life, [, , gone]) => {
        life.sends[3] = { ...life.sends[3]!, applied: false };
        Object.assign(gone, { attempts: 2, outcome: 'key_lost' });
      },
      'attempts says 2, the server saw no more than 1 sends',
    ],
    ['a token that is not there', (life) => (life.tokens = ['otp:ann']), 'the server has no token'],
    [
      'a token that is not ours',
      (life) => (life.sends[2] = { ...life.sends[2]!, applied: false }),
      'no send of ours did it',
    ],
    ['a key that was lost', (life) => (life.keys = []), 'its key is lost'],
    ['a key that is nobody’s', (life) => life.keys.push(`ben,OTHER,${AT},,`), 'a key that the server did not'],
    ['a key that is there twice', (life) => life.keys.push(...life.keys), 'has the key of ann twice'],
    ['a key without its time', (life) => (life.keys[0] = 'ann,KEY-OF-ANN,now,,'), 'users.keys.csv has the line'],
    [
      'a key called lost that is there',
      (_, [ann]) => Object.assign(ann, { outcome: 'key_lost', retry: 'fix' }),
      'key_lost, and its key is in the keys file',
    ],
    [
      'doubt that was forgotten',
      (life, [, ben]) => {
        life.sends[2] = { ...life.sends[2]!, applied: false, fault: 'lost' };
        Object.assign(ben, { outcome: 'unavailable', retry: 'yes' });
      },
      'its doubt was forgotten',
    ],
    [
      'a registration that is denied',
      (_, [, ben]) => Object.assign(ben, { outcome: 'unavailable', retry: 'yes' }),
      'but send 3 was applied',
    ],
    ['an outcome out of nowhere', (_, [, , gone]) => (gone.outcome = 'key_lost'), 'not one of refused'],
    ['a failed file with less than is left', (life) => (life.failed = []), 'is not what is left'],
    ['a wrong exit code', (life) => (life.exitCode = 0), 'exit 0 with'],
    ['a summary that miscounts', (life) => (life.summary = { outcomes: {} }), 'the summary miscounts registered'],
    ['a summary that misses sends', (life) => (life.summary = { sends: 3 }), '4 sends seen, the summary counts 3'],
    ['a secret in a log', (life) => (life.said = `token ${SECRET}`), 'standard error holds the authToken'],
    ['a key in the results', (_, [ann]) => (ann.detail = 'KEY-OF-ANN'), 'holds the activation key of ann'],
    [
      'an old stamp',
      (life) => (life.sends[1] = { ...life.sends[1]!, timestamp: String(NOON - 4000) }),
      'the stamp was 4000 ms old',
    ],
  ])('%s', (...[, change, problem]) => {
    expect(violationsOf(change).join('\n')).toContain(problem);
  });

  it('what a run leaves that it should take away, and what others may read', () => {
    write('users.lock', '');
    write('users.results.csv.tmp', '');
    const life = aLife();
    send(life);
    chmodSync(join(folder, 'users.lock'), 0o644);
    end(life);
    expect(checker.violations).toEqual([
      expect.stringContaining('users.lock should not be there'),
      expect.stringContaining('users.lock has mode 644'),
      expect.stringContaining('users.results.csv.tmp should not be there'),
    ]);
  });

  it('a journal that is damaged before its end', () => {
    const life = aLife();
    const whole = toJournal(life.journal);
    checker.beginRun('run 1');
    write('users.journal', whole.replace('"attempt":1', '"attempt":2'));
    checker.noteSend(life.sends[0]!);
    expect(checker.violations.join('\n')).toContain('journal line 2 is damaged');
  });

  it('half a file after a kill, and a send that no file knows of', () => {
    const life = aLife();
    send(life);
    writeFileSync(join(folder, 'users.journal'), toJournal(life.journal.slice(0, 2)));
    write('users.results.csv', 'id,username');
    checker.afterKill({ stdout: '', stderr: '' });
    expect(checker.violations.join('\n')).toContain('users.results.csv does not end with a line end');
  });

  describe('of a row that a page answered before its endpoint was proved', () => {
    /** The sends of the last row by their faults, and what the results say of it. */
    const answeredBy = (faults: readonly string[], detail: string): readonly string[] =>
      violationsOf((life, [, , gone]) => {
        const [last] = life.sends.splice(3);
        const { journal } = life;
        journal.pop();
        for (const [at, fault] of faults.entries()) {
          life.sends.push({ ...last!, n: 4 + at, fault });
          if (at > 0) journal.push({ type: 'try', key: 'otp:gone', settlement: { outcome: 'unknown', attempts: at } });
          journal.push(intent('otp:gone', at + 1));
        }
        life.end[2] = settled('otp:gone', faults.length, 'unavailable');
        life.exitCode = 6;
        Object.assign(gone, { outcome: 'unavailable', retry: 'yes', attempts: faults.length, detail });
      });
    const PAGE = 'This is no CENTAGATE web API, or what stands before it blocks this row: check --server, then rerun.';

    it('nothing, where it says so: no such page comes from a server that has applied the send', () => {
      expect(answeredBy(['html'], PAGE)).toEqual([]);
    });

    it.each([
      ['where it does not say so', ['html'], ''],
      ['of an earlier send that the page says nothing of', ['lost', 'html'], PAGE],
      ['of an earlier page that came when the endpoint was proved', ['html', 'html'], PAGE],
      ['where another fault met it', ['500'], PAGE],
    ])('doubt that was forgotten %s', (_, faults, detail) => {
      expect(answeredBy(faults, detail)).toEqual([expect.stringContaining('its doubt was forgotten')]);
    });
  });

  describe('of a row in doubt that is for a person', () => {
    const lastFaultOf = (fault: string): readonly string[] =>
      violationsOf((life, [, , gone]) => {
        const [last] = life.sends.splice(3);
        life.sends.push({ ...last!, fault });
        life.end[2] = settled('otp:gone', 1, 'unknown');
        Object.assign(gone, { outcome: 'unknown', retry: 'fix' });
      }).filter((problem) => problem.includes('retry'));

    it.each(['html', '500', 'applied-500', '404'])(
      'nothing, where %s came last: a page may be for this row',
      (fault) => {
        expect(lastFaultOf(fault)).toEqual([]);
      },
    );

    it.each(['ok', 'lost', '429', '10004'])('where %s came last', (fault) => {
      expect(lastFaultOf(fault)).toEqual([expect.stringContaining('retry fix')]);
    });
  });

  it('rows that a kill leaves in doubt and the server never saw, but for the one that was on its way', () => {
    const life = aLife();
    life.sends.splice(2);
    send(life);
    checker.afterKill({ stdout: '', stderr: '' });
    expect(checker.violations).toEqual(['run 1: in doubt, and never seen by the server: pki:ben,otp:gone']);
    expect(checker.doubts).toEqual({ open: 3, unseen: 2, ahead: 0 });
  });

  it('a row settled as registered after a kill, whose key is nowhere', () => {
    const life = aLife();
    life.journal.push(...life.end);
    send(life);
    checker.afterKill({ stdout: '', stderr: '' });
    expect(checker.violations).toEqual([expect.stringContaining('otp:ann is settled as registered, and its key')]);
  });

  it('nothing in an intent that a kill found without its mark, and one row between its mark and its bytes', () => {
    const life = aLife();
    life.journal.push(...life.end.slice(0, 2));
    life.journal[5] = intent('otp:gone', 1, false);
    life.journal.push(intent('otp:new', 1));
    life.sends.pop();
    send(life);
    write('users.keys.csv', ['username,key,registered_at,written,object', ...life.keys, ''].join('\n'));
    checker.afterKill({ stdout: '', stderr: '' });
    checker.beginRun('run 2');
    write('users.journal', toJournal([{ type: 'run', id: 'run 2' }, intent('otp:gone', 1), intent('otp:new', 2)]));
    for (const username of ['gone', 'new']) checker.noteSend({ ...aLife().sends[3]!, username });
    expect(checker.violations).toEqual([]);
    expect(checker.doubts).toEqual({ open: 1, unseen: 1, ahead: 1 });
  });

  it('what a later run does to a row that is done, or to the keys', () => {
    const life = aLife();
    life.journal.push(...life.end);
    send(life);
    end(life);
    checker.beginRun('run 2');
    write('users.journal', toJournal([{ type: 'run', id: 'run 2' }, intent('otp:ann', 2)]));
    checker.noteSend({ ...life.sends[0]!, n: 5 });
    const again = aLife();
    again.rows[0]!.attempts = 2;
    again.sends = [];
    again.keys = [];
    end(again);
    const said = checker.violations.join('\n');
    for (const problem of [
      'otp:ann was sent again, though the results called it done',
      'otp:ann: another intent',
      'users.keys.csv lost what it had',
      'r1 was done, and changed to',
    ])
      expect(said).toContain(problem);
  });
});
