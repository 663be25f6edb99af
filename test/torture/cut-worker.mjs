// Takes one killed stem from cuts.mjs and runs the program over its journal, cut at many places.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { Readable, Writable } from 'node:stream';
import { Checker } from './checker.mjs';
import { BUILD, environmentOf } from './child.mjs';
import { FILES, MARKS, parseJournal, withChecksum } from './stem-files.mjs';
import { hasToken, startServer } from './stem.mjs';

const { main } = await import(join(BUILD, 'main.js'));
const { systemClock } = await import(join(BUILD, 'core/system-clock.js'));

/** Between two tries of a row nobody waits. */
const clock = { ...systemClock, random: () => 0 };

class Capture extends Writable {
  text = '';

  _write(chunk, _encoding, done) {
    this.text += chunk.toString();
    done();
  }
}

process.once('message', ({ life, step }) => void cutAll(life, step));

async function cutAll(life, step) {
  const journal = Buffer.from(life.after.files[FILES.journal] ?? '', 'base64');
  const total = { cuts: 0, runs: 0, sends: 0, violations: [] };
  for (let at = 0; at <= journal.length; at += step) {
    for (const keys of ['fewest', 'most', 'torn']) {
      const cut = makeCut(life, { journal, at, keys, isZeroed: at % 3 === 2, isPowerCut: at % 2 === 1 });
      if (cut === undefined) continue;
      const { runs, sends, violations } = await rerun(cut, life.folder);
      total.cuts += 1;
      total.runs += runs;
      total.sends += sends;
      total.violations.push(...violations.map((violation) => `cut at ${at}, ${keys} keys: ${violation}`));
      if (violations.length > 0) cpSync(life.folder, `${life.folder}-${at}-${keys}`, { recursive: true });
    }
  }
  rmSync(life.folder, { recursive: true, force: true });
  process.send(total, () => process.disconnect());
}

/**
 * The world as a power cut could have left it with these bytes of the journal: the server has seen only sends whose intent
 * is in them (an intent is synced before its send), and the keys file has all keys whose settlement is (a key is synced
 * before it), and none of a send that has not been. Between the two it can have more keys or fewer, or end in half a line. After a power
 * cut the boot is another one, and marks may be lost; a kill alone leaves both.
 */
function makeCut({ scenario, before, after }, { journal, at, keys, isZeroed, isPowerCut }) {
  const { entries } = parseJournal(journal.subarray(0, at));
  const intents = new Map();
  for (const { type, key } of entries) if (type === 'intent') intents.set(key, (intents.get(key) ?? 0) + 1);
  const sends = before.sends.slice();
  for (const send of after.sends.slice(before.sends.length)) {
    const left = intents.get(keyOf(send)) ?? 0;
    intents.set(keyOf(send), left - 1);
    if (left > 0) sends.push(send);
  }
  // A settlement that lacks its line end alone was written after its key was synced; an intent was not synced itself.
  const lacksLineEnd = journal[at] === 0x0a;
  const written = parseJournal(journal.subarray(0, lacksLineEnd ? at + 1 : at)).entries;
  const text = cutKeys({ before, after, entries: written, sends }, keys);
  if (text === undefined) return undefined;
  // Some file systems leave zeros where a length was written and its bytes were not; a single one is damage to the program.
  const zeros = Math.min(200, journal.length - at);
  const tail = Buffer.alloc(isZeroed && zeros > 1 ? zeros : 0);
  const files = { ...before.files };
  const left = Buffer.from(journal.subarray(0, at));
  // A mark is written over a line that is whole on the disk.
  if (lacksLineEnd && left.at(-1) === MARKS[1].charCodeAt(0)) left[at - 1] = MARKS[0].charCodeAt(0);
  files[FILES.journal] = Buffer.concat([isPowerCut ? withoutMarks(left) : left, tail]).toString('base64');
  files[FILES.keys] = Buffer.from(text).toString('base64');
  return { scenario, sends, files, isDoubtExact: !isPowerCut };
}

/** The same entries, as another boot of the machine may find them. */
function withoutMarks(bytes) {
  const unmarked = Buffer.from(bytes);
  const { entries } = parseJournal(bytes);
  for (const { markAt } of entries) if (markAt !== undefined) unmarked[markAt] = MARKS[0].charCodeAt(0);
  const [run] = entries;
  if (run === undefined) return unmarked;
  const firstEnd = bytes.indexOf(0x0a) + 1;
  const line = bytes.toString('utf8', 0, firstEnd).replace(`"bootId":"${run.bootId}"`, '"bootId":"another"');
  return Buffer.concat([Buffer.from(withChecksum(line)), unmarked.subarray(firstEnd)]);
}

/** The keys file up to the line that `keys` asks for; nothing where that is no other file than the others. */
function cutKeys({ before, after, entries, sends }, keys) {
  const kept = Buffer.from(before.files[FILES.keys] ?? '', 'base64').toString();
  const added = Buffer.from(after.files[FILES.keys] ?? '', 'base64')
    .toString()
    .slice(kept.length);
  const lines = added.split(/(?<=\n)/);
  const settled = new Set(entries.filter(({ type }) => type === 'settled').map(({ key }) => key));
  const sendOf = (line) => after.sends.find(({ key }) => key !== undefined && line.includes(key));
  const needed = lines.findLastIndex((line) => sendOf(line) !== undefined && settled.has(keyOf(sendOf(line)))) + 1;
  const firstForbidden = lines.findIndex((line) => sendOf(line) !== undefined && !sends.includes(sendOf(line)));
  const possible = firstForbidden < 0 ? lines.length : firstForbidden;
  const least = kept + lines.slice(0, needed).join('');
  const most = kept + lines.slice(0, possible).join('');
  if (keys === 'fewest') return least;
  if (most.length <= least.length) return undefined;
  return keys === 'most' ? most : most.slice(0, least.length + Math.ceil((most.length - least.length) / 2) - 1);
}

async function rerun({ scenario, sends, files, isDoubtExact }, folder) {
  // The journal names the input by its path, so it is the same one for all.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, FILES.input), scenario.csv);
  for (const [name, text] of Object.entries(files)) {
    if (name !== FILES.lock) writeFileSync(join(folder, name), Buffer.from(text, 'base64'), { mode: 0o600 });
  }
  const has = (username, tokenType) =>
    sends.some((send) => send.applied && send.username === username && send.tokenType === tokenType);
  const users = scenario.users.map((user) => ({
    ...user,
    hasOtp: user.hasOtp || has(user.username, 'otp'),
    hasCertificate: user.hasCertificate || has(user.username, 'pki'),
    fingerprint: scenario.fingerprints[user.username],
  }));
  let checker;
  const server = { users, faults: [], seed: scenario.serverSeed + 1, port: scenario.port };
  const simulator = await startServer({ ...scenario, latencyMs: 0 }, (send) => checker.noteSend(send), server);
  const isRegistered = (tokenType, username) => hasToken(simulator, tokenType, username);
  checker = new Checker({ scenario, folder, isRegistered, isDoubtExact });
  checker.sends = sends.slice();
  let runs = 0;
  try {
    for (let left = { yes: 1 }; left.yes > 0 && runs < 3;) {
      runs += 1;
      checker.beginRun(`run ${runs}`);
      const [stdout, stderr] = [new Capture(), new Capture()];
      const argv = ['node', 'bin', 'run', join(folder, FILES.input), '--timeout', '5', '--json'];
      const env = environmentOf(scenario, simulator.url);
      const exitCode = await main({ argv, env, stdin: Readable.from(['']), stdout, stderr }, clock);
      if (![0, 1, 3].includes(exitCode)) checker.fail(`exit ${exitCode}: ${stderr.text}`);
      left = checker.afterRun({ stdout: stdout.text, stderr: stderr.text }, exitCode);
      if (left.yes > 0 && runs === 3) checker.fail('3 runs did not come to an end');
    }
    checker.checkEnd();
  } finally {
    await simulator.close();
  }
  return { runs, sends: simulator.sends.length, violations: checker.violations };
}

function keyOf({ tokenType, username }) {
  return `${tokenType}:${username}`;
}
