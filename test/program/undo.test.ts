/** The command that takes back what a job registered, from its words to the server and the files. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/manifest/manifest.js';
import type { RunReport } from '../../src/report/run-report.js';
import { readDocument } from '../support/document.js';
import { OURS, UndoWorld } from '../support/undo-world.js';

let world: UndoWorld;
afterEach(() => world.close());

const [RUN, UNDO] = ['users.results.csv', 'users.undo.results.csv'];
const AFTER_RUN = [
  ...OURS.map((username) => `${username} registered`),
  'old already_registered',
  'gone refused',
  'ann duplicate',
];
const AFTER_UNDO = AFTER_RUN.map((row) =>
  row.replace('registered', 'undone').replace('already_undone', 'already_registered'),
);

function summary(): RunReport {
  return JSON.parse(readFileSync(world.lab.path('users.summary.json'), 'utf8')) as RunReport;
}

function lastManifest(): Manifest | undefined {
  return (JSON.parse(readFileSync(world.lab.path('users.manifest.json'), 'utf8')) as Manifest[]).at(-1);
}

describe('undo', () => {
  it('deactivates what this job registered, and nothing else, once', async () => {
    world = await UndoWorld.open();
    expect(world.rows()).toEqual(AFTER_RUN);
    const registered = world.read();
    const { exitCode, stdout } = await world.undo(4);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('deactivated by this undo')]);
    expect(world.simulator.takenBack.map(({ username }) => username).sort()).toEqual(OURS);
    expect(OURS.map((username) => world.status(username))).toEqual(['3', '3', '3', '3']);
    expect(world.status('old')).toBe('as registered');
    expect(world.rows()).toEqual(AFTER_UNDO);
    expect(world.rows(UNDO)).toEqual(OURS.map((username) => `${username} undone`));
    expect(world.row('ann')).toMatchObject({
      ...{ attempts: '1', sent_at: registered[0]?.['sent_at'], retry: 'fix' },
      detail: expect.stringMatching(
        /^Deactivated by undo at \S+Z: undo --how activate makes it valid again\.$/,
      ) as string,
    });
    expect(world.row('ann', UNDO)).toMatchObject({ attempts: '1', retry: 'no', undo_how: 'deactivate' });
    expect(summary()).toMatchObject({
      exit_code: 0,
      sends: 4,
      undo: { how: 'deactivate', rows: 4, outcomes: { undone: 4 } },
      outcomes: { undone: 4, registered: 0 },
    });
    const again = await world.undo(4);
    expect([again.exitCode, world.simulator.takenBack.length]).toEqual([0, 4]);
  });

  it('gives back what it deactivated, with the status that it had', async () => {
    world = await UndoWorld.open();
    const before = readFileSync(world.lab.path(RUN), 'utf8');
    await world.undo(4);
    expect(await world.undo(4, '--how', 'activate')).toMatchObject({ exitCode: 0 });
    expect(OURS.map((username) => world.status(username))).toEqual(['2', '2', '2', '1']);
    const after = readFileSync(world.lab.path(RUN), 'utf8');
    expect(after.match(/Active again by undo at [^.]+\.\d+Z\./g)).toHaveLength(4);
    expect(after.replaceAll(/Active again by undo at [^.]+\.\d+Z\./g, '')).toBe(before);
    expect(world.read(UNDO).map(({ attempts, undo_how: how }) => `${how ?? ''} ${attempts ?? ''}`)).toEqual(
      OURS.map(() => 'activate 2'),
    );
    // What was never deactivated is not to be activated.
    expect((await world.undo(4, '--how', 'activate')).exitCode).toBe(0);
    expect(world.simulator.takenBack).toHaveLength(8);
    // What takes nothing back changes nothing of how many are active again.
    world.simulator.denyUser('dan');
    expect((await world.undo(1, '--where', 'username=dan')).exitCode).toBe(1);
    expect((await world.undo(4, '--how', 'activate')).exitCode).toBe(0);
    expect(world.simulator.takenBack).toHaveLength(9);
  });

  it('unregisters, also what it only deactivated before, and a run registers none of it anew by itself', async () => {
    world = await UndoWorld.open();
    await world.undo(1, '--where', 'username=ann');
    expect((await world.undo(4, '--how', 'unregister')).exitCode).toBe(0);
    expect(OURS.map((username) => world.status(username))).toEqual(['-', '-', '-', '-']);
    expect(world.row('ben', UNDO)['detail']).toContain('the server shows its certificate no more');
    const verified = await world.type('verify', RUN);
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringMatching(/gone +│ +4/)]);
    const sends = world.simulator.sends.length;
    const later = await world.run();
    expect([later.exitCode, world.simulator.sends.length - sends]).toEqual([1, 1]);
    expect(world.rows()).toEqual(AFTER_UNDO);
    const failed = await world.type('run', 'users.failed.csv');
    expect([failed.exitCode, world.simulator.sends.length - sends]).toEqual([1, 2]);
    expect((await world.type('undo', RUN, '--how', 'activate', '--dry-run')).stdout).toContain(
      'No row is to be undone',
    );
    await world.run('--allow', 'undone');
    expect(world.rows()).toEqual(AFTER_RUN);
    expect(OURS.map((username) => world.status(username)).join()).not.toContain('-');
  });

  it('is for the rows that are selected', async () => {
    world = await UndoWorld.open();
    await world.undo(2, '--where', 'Department=Sales');
    expect(world.rows().filter((row) => row.endsWith(' undone'))).toEqual(['ann undone', 'ben undone']);
    await world.undo(3, '--limit', '1');
    expect(world.rows(UNDO)).toEqual(['ann undone', 'ben undone', 'dan undone']);
    const none = await world.undo(0, '--where', 'Department=Legal');
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('Department is "Sales", "HR"')]);
  });

  it('undoes nobody when the rows are not as many as expected, or nobody says that they are', async () => {
    world = await UndoWorld.open();
    const wrong = await world.undo(5);
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('4 rows would be like that')]);
    const alone = await world.undo(5, '--where', 'username=ann');
    expect(alone.stderr).toContain('1 row would be like that when it is done; --expect-rows says 5');
    const unasked = await world.type('undo', RUN, '--otp-type', '1');
    expect([unasked.exitCode, unasked.stderr]).toEqual([2, expect.stringContaining('--yes --expect-rows 4')]);
    const uncounted = await world.type('undo', RUN, '--otp-type', '1', '--yes');
    expect([uncounted.exitCode, uncounted.stderr]).toEqual([2, expect.stringContaining('--yes needs --expect-rows')]);
    const untyped = await world.type('undo', RUN, '--yes', '--expect-rows', '4');
    expect([untyped.exitCode, untyped.stderr]).toEqual([2, expect.stringContaining('no document says by which type')]);
    expect((await world.type('undo', 'users.failed.csv', '--yes', '--expect-rows', '0')).exitCode).toBe(2);
    expect(world.simulator.takenBack).toEqual([]);
    // PKI tokens have a type that is known.
    const pki = await world.type('undo', RUN, '--where', 'token_type=pki', '--yes', '--expect-rows', '2');
    expect([pki.exitCode, world.simulator.takenBack.length]).toEqual([0, 2]);
  });

  it('shows what it would send, and sends nothing', async () => {
    world = await UndoWorld.open();
    const { exitCode, stdout } = await world.type('undo', RUN, '--otp-type', '1', '--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('4 rows (2 OTP, 2 PKI) of 4 people');
    expect(stdout).toContain('Left as they are: 1 already_registered, 1 refused, 1 duplicate.');
    expect(stdout).toContain('{"username":"ann","type":"1","status":"3","cenToken":"[secret]"}');
    expect([world.simulator.takenBack.length, world.rows()]).toEqual([0, AFTER_RUN]);
  });

  it('keeps in doubt what may have been applied, until the same undo has settled it', async () => {
    world = await UndoWorld.open({ script: { ann: ['ok', 'reset-after'], dan: ['ok', 'reset-before'] } });
    const first = await world.undo(4, '--attempts', '1', '--how', 'unregister');
    expect(first.exitCode).toBe(3);
    expect(world.rows()).toEqual([
      ...['ann unknown', 'ben undone', 'dan unknown', 'eve undone'],
      ...AFTER_RUN.slice(4),
    ]);
    expect(world.row('ann')).toMatchObject({ retry: 'fix', detail: expect.stringContaining('repeat that') as string });
    // A run neither sends nor settles them, though the keys file has their keys.
    const sends = world.simulator.sends.length;
    await world.run('--allow', 'undone', '--where', 'token_type=otp', '--where', 'Department=Sales');
    expect([world.row('ann')['outcome'], world.simulator.sends.length]).toEqual(['unknown', sends]);
    // Another way would tell nothing of the first.
    expect((await world.type('undo', RUN, '--dry-run', '--otp-type', '1')).stdout).toContain('No row is to be undone');
    expect((await world.undo(4, '--how', 'unregister')).exitCode).toBe(0);
    expect(world.rows().slice(0, 4)).toEqual(OURS.map((username) => `${username} undone`));
    expect(world.row('ann', UNDO)).toMatchObject({
      attempts: '2',
      detail: expect.stringContaining('no such token any more') as string,
    });
    expect(OURS.map((username) => world.status(username))).toEqual(['-', '-', '-', '-']);
  });

  it('leaves alone a certificate that is not the one of its row', async () => {
    world = await UndoWorld.open();
    // Somebody else unregisters it, and gives the user another one.
    for (const end of ['results.csv', 'failed.csv', 'summary.json', 'manifest.json'])
      cpSync(world.lab.path(`users.${end}`), world.lab.path(`else/users.${end}`));
    const from = ['--yes', '--expect-rows', '1', '--where', 'username=ben'];
    await world.type('undo', `else/${RUN}`, '--how', 'unregister', ...from);
    world.lab.file(
      'else/other.csv',
      'username,token_type,signature_path,status\nben,pki,signatures/finance/priya.nair.p7s,2\n',
    );
    await world.type('run', 'else/other.csv', '--signatures-dir', world.lab.folder);
    const { exitCode } = await world.undo(2, '--where', 'token_type=pki', '--how', 'unregister');
    expect([exitCode, world.simulator.takenBack.map(({ username }) => username)]).toEqual([1, ['ben', 'eve']]);
    expect([world.row('ben')['outcome'], world.row('ben', UNDO)['outcome']]).toEqual(['registered', 'refused']);
    expect(world.row('ben', UNDO)['detail']).toContain('another certificate');
    rmSync(world.lab.path('signatures/finance/aisyah.rahman.p7s'));
    await world.undo(2, '--where', 'token_type=pki', '--how', 'unregister');
    expect(world.row('ben', UNDO)).toMatchObject({ outcome: 'invalid', attempts: '0' });
    expect(world.status('ben')).toBe('as registered');
    expect(world.simulator.takenBack).toHaveLength(2);
  });

  it('takes no PKI token back where the server shows nobody whose it is', async () => {
    world = await UndoWorld.open({ userList: 'missing' });
    expect((await world.undo(4)).exitCode).toBe(3);
    expect(world.simulator.takenBack.map(({ username }) => username)).toEqual(['ann', 'dan']);
    expect(world.row('ben', UNDO)['detail']).toContain('user/auth/list');
    expect(world.row('ben')['outcome']).toBe('registered');
  });

  it('leaves one of whom the server says no, and goes on', async () => {
    world = await UndoWorld.open();
    world.simulator.denyUser('dan');
    world.simulator.denyUser('eve');
    expect((await world.undo(4)).exitCode).toBe(1);
    expect(world.rows(UNDO)).toEqual(['ann undone', 'ben undone', 'dan refused', 'eve refused']);
    expect(world.rows().slice(0, 4)).toEqual(['ann undone', 'ben undone', 'dan registered', 'eve registered']);
  });

  it('is in the chain of manifests, which audit proves, and its own file too', async () => {
    world = await UndoWorld.open();
    await world.undo(4, '--attempt-log');
    expect(lastManifest()).toMatchObject({
      ...{ number: 2, undo: { how: 'deactivate', rows: 4 }, undone: { file: UNDO } },
      ...{ signatures: { count: 0 }, settings: { how: 'deactivate', otpType: '1' } },
    });
    const good = await world.type('audit', RUN, '--input', world.lab.path('users.csv'));
    // The keys of OTP rows that were undone are still in the file.
    expect([good.exitCode, good.stdout]).toEqual([
      0,
      expect.stringMatching(/keys +[1-9] lines?; each OTP row that is registered has one there:/),
    ]);
    expect(world.rows('users.attempts.csv')).toEqual(expect.arrayContaining(['ann undone']));
    await world.run();
    expect(lastManifest()).toMatchObject({ number: 3, undone: { file: UNDO } });
    expect(lastManifest()?.undo).toBeUndefined();
    expect(await world.type('audit', RUN)).toMatchObject({ exitCode: 0 });
    writeFileSync(world.lab.path(UNDO), readFileSync(world.lab.path(UNDO), 'utf8').replace('deactivate', 'unregister'));
    const audited = await world.type('audit', RUN);
    expect([audited.exitCode, audited.stdout]).toEqual([1, expect.stringContaining(UNDO)]);
    expect(audited.stdout).toMatch(/undone +users\.undo\.results\.csv has another SHA-256 than the manifest says/);
    rmSync(world.lab.path(UNDO));
    expect((await world.type('audit', RUN)).stdout).toMatch(/undone .* is undone, and undo says nothing of it/);
  });

  it('keeps its journal when a file of it is changed meanwhile, and goes on when that is mended', async () => {
    let change = (): void => undefined;
    world = await UndoWorld.open({ onTakenBack: () => change() });
    const path = world.lab.path('users.manifest.json');
    const manifest = readFileSync(path, 'utf8');
    change = () => writeFileSync(path, '{');
    const { exitCode, stderr } = await world.undo(4);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('goes on from there')]);
    writeFileSync(path, manifest);
    expect((await world.undo(4)).exitCode).toBe(0);
    expect([world.rows(), world.simulator.takenBack.length]).toEqual([AFTER_UNDO, 4]);
  });

  it('leaves the files that its document names, and touches no other', async () => {
    world = await UndoWorld.open();
    const read = (): Map<string, string> =>
      new Map(
        readdirSync(world.lab.folder)
          .filter((name) => name.startsWith('users.'))
          .map((name) => [name, readFileSync(world.lab.path(name), 'latin1')]),
      );
    const before = read();
    await world.undo(4);
    const left = [...read()].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
    const [, table = ''] = readDocument('docs/undo.md').split('| file | what it says |');
    const rows = table
      .slice(0, table.indexOf('\n\n'))
      .split('\n')
      .map((row) => row.split('|')[1] ?? '');
    const named = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual(left.sort());
  });

  it('is no input of a run', async () => {
    world = await UndoWorld.open();
    await world.undo(4);
    const { exitCode, stderr } = await world.type('run', UNDO);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('this is what undo left')]);
  });
});
