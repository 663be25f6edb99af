import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SignatureThreads } from '../../src/signature/signature-threads.js';
import { aRegistration } from '../support/builders.js';
import { Lab } from '../support/lab.js';

/** Answers with its settings and the question; the username says what becomes of the thread. */
const SCRIPT = `
import { parentPort, workerData, threadId } from 'node:worker_threads';
parentPort.on('message', ({ number, registration, nowMs }) => {
  const { username } = registration;
  if (username === 'throws') throw new Error('a bug');
  if (username === 'ends') process.exit(7);
  if (username === 'fills') for (const all = []; ; ) all.push(new Array(1e6).fill(number));
  if (username === 'waits') return;
  parentPort.postMessage({ number, reading: { username, nowMs, workerData, threadId } });
});`;

let lab: Lab;
let threads: SignatureThreads;

beforeEach(() => {
  lab = new Lab();
  const script = pathToFileURL(lab.file('thread.mjs', SCRIPT));
  threads = new SignatureThreads(script, { count: 2, settings: 'settings' });
});
afterEach(async () => {
  await threads.close();
  lab.remove();
});

function read(username: string): Promise<unknown> {
  return threads.read(aRegistration({ username }), 12);
}

describe('threads that read signatures', () => {
  it('answer each question with its own answer, all of them at work', async () => {
    const users = Array.from({ length: 20 }, (_, at) => `user${at}`);
    const readings = (await Promise.all(users.map(read))) as { username: string; threadId: number }[];
    expect(readings.map(({ username }) => username)).toEqual(users);
    expect(new Set(readings.map(({ threadId }) => threadId)).size).toBe(2);
    expect(readings[0]).toMatchObject({ nowMs: 12, workerData: 'settings' });
  });

  it.each([
    ['throws', 'a thread that checks signatures failed'],
    ['ends', 'a thread that checks signatures ended by itself (7)'],
    ['fills', 'a thread that checks signatures failed'],
  ])('leave nobody waiting when one of them %s', async (what, message) => {
    const waiting = [read('waits'), read('waits'), read('waits'), read(what)];
    for (const asked of waiting) await expect(asked).rejects.toThrow(message);
    await expect(read('later')).rejects.toThrow(message);
  });

  it.each([0, 1])('are those that the system gives, or none: %i', async (given) => {
    let cloned = 0;
    // Where the limit of processes is met, a thread can't be made: the constructor throws.
    const settings = {
      get next() {
        if (cloned === given) throw new Error('no more');
        return (cloned += 1);
      },
    };
    const few = new SignatureThreads(pathToFileURL(lab.path('thread.mjs')), { count: 2, settings });
    const asked = few.read(aRegistration({ username: 'user' }), 12);
    if (given === 0) await expect(asked).rejects.toThrow('no thread that checks signatures can be had');
    else await expect(asked).resolves.toMatchObject({ workerData: { next: 1 } });
    await few.close();
  });

  it('leave nobody waiting when they are closed', async () => {
    const asked = read('waits');
    await Promise.all([expect(asked).rejects.toThrow('were closed'), threads.close()]);
  });
});
