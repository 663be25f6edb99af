import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSharedReader, sharingOfCheck, sharingOfRun } from '../../src/signature/shared-signature-reader.js';
import type { SharedReader } from '../../src/signature/shared-signature-reader.js';
import { Lab } from '../support/lab.js';
import { aRegistration } from '../support/builders.js';
import { PROGRAM } from '../support/program.js';

const SIGNATURES = join(import.meta.dirname, '../../samples/signatures');
// As built: a thread can't be started from TypeScript.
const THREAD = pathToFileURL(join(PROGRAM, '../signature-thread.js'));
const NOWHERE = pathToFileURL('/nowhere.js');
const FULL = { checkSignatures: undefined, trust: undefined };
const clock = { now: () => Date.UTC(2026, 0, 1) };
const aisyah = aRegistration({ username: 'aisyah.rahman', signaturePath: 'finance/aisyah.rahman.p7s' });

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

function open(script: URL, settings: Parameters<typeof openSharedReader>[0]['settings'] = FULL): SharedReader {
  return openSharedReader({ folder: SIGNATURES, settings, sharing: sharingOfCheck(2) }, clock, script);
}

describe('signatures', () => {
  it('are read here while they are few, and say the same when threads read them', async () => {
    expect(existsSync(THREAD)).toBe(true);
    const { read, close } = open(THREAD);
    const files = ['finance/aisyah.rahman.p7s', 'treasury/ingrid.olsen.p7s', 'nowhere.p7s', 'finance/tan.weiming.p7s'];
    const ask = (): unknown[] => files.map((signaturePath) => read(aRegistration({ signaturePath })));
    const here = ask();
    for (let at = here.length; at < 300; at += 1) await read(aisyah);
    const there = ask();
    expect(here.every((reading) => !(reading instanceof Promise))).toBe(true);
    expect(there.every((reading) => reading instanceof Promise)).toBe(true);
    // A Buffer comes as plain bytes from a thread.
    await expect(Promise.all(there)).resolves.toEqual(structuredClone(here));
    await close();
  });

  it('are read here, however many, when there is little to judge', () => {
    const { read } = open(NOWHERE, { checkSignatures: 'basic', trust: undefined });
    for (let at = 0; at < 1000; at += 1) expect(read(aisyah)).not.toBeInstanceOf(Promise);
  });

  it('that no thread can be had for are read here', async () => {
    const { read, close } = open(NOWHERE);
    const here = read(aisyah);
    for (let at = 1; at < 300; at += 1) void read(aisyah);
    expect(await read(aisyah)).toEqual(here);
    expect(await read(aisyah)).toEqual(here);
    await close();
  });

  it('are judged by threads by the time of the question', async () => {
    cpSync(join(SIGNATURES, 'finance'), lab.path('finance'), { recursive: true });
    let now = Date.UTC(2026, 0, 1);
    const { read, close } = openSharedReader(
      { folder: lab.folder, settings: FULL, sharing: sharingOfRun(2) },
      { now: () => now },
      THREAD,
    );
    for (let at = 0; at < 16; at += 1) void read(aisyah);
    const before = read(aisyah);
    now = Date.UTC(2200, 0, 1);
    const after = read(aisyah);
    expect(await before).toHaveProperty('signature');
    expect(await after).toMatchObject({ rejection: { reason: expect.stringContaining('expired') as string } });
    await close();
  });
});
