import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JournalWatch } from './journal-watch.mjs';
import { finalOutcomes, isSettledAtOnce, TRANSITIONAL } from './scenario.mjs';
import { FILES, listStem, readKeys, readResults, readWholeCsv, RETRY } from './stem-files.mjs';

const DONE_EXITS = [0, 1, 3];
/** What a send can meet that tells the client for certain what became of it, and of all before. */
const CERTAIN = ['ok', 'no-key'];
/** What says that this send was not taken. */
const NOT_TAKEN = '429:0';
/** What the simulator sends as a page, which may stand before a single row: of 429, nobody takes it so. */
const isPage = (fault = 'ok') =>
  fault === 'html' || fault === 'applied-500' || (/^[345]\d\d$/.test(fault) && fault !== '429');
/** What a row's detail says whose reply, the first of its endpoint, was a page: it was not taken either (product.md). */
const NO_CENTAGATE = 'This is no CENTAGATE web API';
/** A PKI stamp is younger than this at the server: 1 s is promised, the rest is for a harness that is short of time. */
const OLDEST_STAMP_MS = 3000;

/**
 * Holds the promises against one stem's life: what the server saw is the truth, the files are what was made of it.
 * Violations are collected as sentences.
 */
export class Checker {
  violations = [];
  /** All sends of the stem's life; the caller adds each when the server sees it. */
  sends = [];
  #scenario;
  #folder;
  #isRegistered;
  #journal;
  #watchesJournal;
  #firstOfRun = 0;
  /**
   * What the kills have left: rows whose last send has no word behind it, those of them that the server never saw, and
   * rows whose intent never left: after a power cut they are in doubt too.
   */
  doubts = { open: 0, unseen: 0, ahead: 0 };
  /** By key: how often a kill came between the mark of a send and its bytes. */
  #unseen = new Map();
  #isDoubtExact;
  /** Sends that were answered by a page before their endpoint was proved. */
  #foreignPages = new Set();
  #keysText = '';
  /** By row id: the results line of a row that is done; it never changes again. */
  #done = new Map();
  #doneKeys = new Set();
  #where = '';

  /**
   * @param isRegistered `(tokenType, username)`: does the server have such a token?
   * @param watchesJournal false when the journal was put there by the harness, and says less than it did
   * @param isDoubtExact false when marks were lost
   */
  constructor({ scenario, folder, isRegistered, watchesJournal = true, isDoubtExact = true }) {
    this.#scenario = scenario;
    this.#folder = folder;
    this.#isRegistered = isRegistered;
    this.#watchesJournal = watchesJournal;
    this.#isDoubtExact = isDoubtExact;
    this.#journal = new JournalWatch(this.#path('journal'), (problem) => this.#fail(problem));
  }

  beginRun(where) {
    this.#where = where;
    this.#firstOfRun = this.sends.length;
    this.#journal.beginRun();
  }

  get sendsOfRun() {
    return this.sends.length - this.#firstOfRun;
  }

  /** Called by the server for each send, before it answers. */
  noteSend(send) {
    this.sends.push(send);
    const key = `${send.tokenType}:${send.username}`;
    if (this.#doneKeys.has(key)) this.#fail(`${key} was sent again, though the results called it done`);
    if (send.tokenType === 'pki') {
      const ageMs = send.at - Number(send.timestamp);
      if (!(ageMs >= -5 && ageMs <= OLDEST_STAMP_MS)) this.#fail(`${key}: the stamp was ${ageMs} ms old`);
    }
    if (!this.#watchesJournal) return;
    this.#journal.readOn();
    const sends = this.#sendsOfRunFor(key);
    const left = this.#journal.countLeft(key);
    if (left < sends)
      this.#fail(`${key}: the server sees send ${sends} of this run, the journal has ${left} intents with a mark`);
  }

  /** The promises that hold at every moment. */
  afterKill(said) {
    this.#try(() => this.#journal.readAfterKill());
    this.#checkFolder({ hasEnded: false });
    const keys = this.#checkKeys();
    this.#checkSecrets(said);
    const rows = this.#checkResults();
    for (const { row, added } of rows ?? []) {
      if (row.key !== undefined && added.outcome === 'registered') this.#checkRegistered(row);
      this.#noteForeignPage(row, added);
    }
    this.#try(() => this.#checkFailedIsWhole());
    for (const [key, count] of this.#seen()) {
      const inResults = rows?.find(({ row }) => row.key === key && row.kind !== 'twice')?.added.attempts ?? 0;
      const known = Math.max(this.#journal.counted(key), Number(inResults));
      if (this.#watchesJournal && count > known) this.#fail(`${key}: ${count} sends seen, ${known} known to any file`);
    }
    for (const [key, settlement] of this.#journal.settled) {
      if (settlement.outcome === 'registered') this.#checkKeySaved(key, keys);
    }
    this.#checkDoubt();
  }

  /**
   * Doubt is exact: what is marked as left is what the server saw. The mark comes first, so a kill between the two, some µs,
   * leaves one row that was not seen, and never more.
   */
  #checkDoubt() {
    const { open } = this.#journal;
    const unseen = open.filter((key) => this.#sendsOfRunFor(key) < this.#journal.countLeft(key));
    this.doubts.open += open.length;
    this.doubts.unseen += unseen.length;
    this.doubts.ahead = this.#journal.ahead;
    for (const key of unseen) this.#unseen.set(key, (this.#unseen.get(key) ?? 0) + 1);
    if (unseen.length > 1) this.#fail(`in doubt, and never seen by the server: ${unseen.join()}`);
  }

  #sendsOfRunFor(key) {
    return this.sends.slice(this.#firstOfRun).filter((send) => keyOf(send) === key).length;
  }

  /**
   * What a run that ended by itself leaves; where its disk was broken, also files that it could not take away. Returns the
   * rows' retry markers, counted.
   */
  afterRun(said, exitCode, { hasBrokenDisk = false } = {}) {
    this.#checkFolder({ hasEnded: !hasBrokenDisk });
    const keys = this.#checkKeys();
    if (keys?.isTorn) this.#fail('users.keys.csv ends in half a line');
    this.#checkSecrets(said);
    const rows = this.#checkResults();
    if (rows === undefined) {
      this.#fail('there are no results');
      return { no: 0, yes: 0, fix: 0 };
    }
    for (const result of rows) this.#checkRow(result, keys);
    this.#checkIssuedKeys(rows, keys);
    this.#try(() => this.#checkFailedIs(rows));
    const counts = { no: 0, yes: 0, fix: 0 };
    for (const { added } of rows) counts[added.retry] += 1;
    if (DONE_EXITS.includes(exitCode) && exitCode !== (counts.yes > 0 ? 3 : counts.fix > 0 ? 1 : 0)) {
      this.#fail(`exit ${exitCode} with ${JSON.stringify(counts)}`);
    }
    this.#try(() => this.#checkSummary(rows, exitCode));
    for (const { row, added, text } of rows) {
      if (added.retry !== 'no') continue;
      this.#done.set(row.id, text);
      if (row.key !== undefined && row.kind !== 'twice') this.#doneKeys.add(row.key);
    }
    return counts;
  }

  /** Every row has become what rows of its kind become. */
  checkEnd() {
    for (const { row, added } of this.#checkResults() ?? []) {
      if (!finalOutcomes(row).includes(added.outcome)) this.#fail(`${row.id} (${row.kind}) ended ${added.outcome}`);
    }
  }

  /** The users whose key is lost now have no token; what was sent for them before says nothing any more. */
  unregisterLost() {
    const lost = (this.#checkResults() ?? [])
      .filter(({ added }) => added.outcome === 'key_lost')
      .map(({ row }) => row.key);
    this.sends = this.sends.map((send) =>
      lost.includes(keyOf(send)) ? { ...send, applied: false, key: undefined, wasApplied: send.applied } : send,
    );
    return lost.map((key) => splitKey(key)[1]);
  }

  fail(problem) {
    this.#fail(problem);
  }

  #checkFolder(how) {
    for (const problem of listStem(this.#folder, how).problems) this.#fail(problem);
  }

  /** Each input row exactly once, in the input's order, its own cells as they were. */
  #checkResults() {
    const { columns, rows, lines } = this.#scenario;
    let results;
    try {
      results = readResults(this.#path('results'), this.#scenario);
    } catch (error) {
      this.#fail(`users.results.csv ${error.message}`);
    }
    if (results === undefined) return undefined;
    if (results.length !== rows.length) this.#fail(`users.results.csv has ${results.length} of ${rows.length} rows`);
    const idAt = columns.indexOf('id');
    const byId = groupById(results, idAt);
    const found = [];
    rows.forEach((row, at) => {
      const matches = byId.get(row.id) ?? [];
      byId.delete(row.id);
      if (matches.length !== 1) this.#fail(`${row.id} stands ${matches.length} times in the results`);
      const [result] = matches;
      if (result === undefined) return;
      if (result !== results[at]) this.#fail(`${row.id} is not in its place in the results`);
      if (JSON.stringify(result.own) !== JSON.stringify(row.own)) this.#fail(`${row.id}: its own cells were changed`);
      if (Number(result.added.line) !== lines[at]) {
        this.#fail(`${row.id} has line ${result.added.line} in place of ${lines[at]}`);
      }
      if (RETRY[result.added.outcome] !== result.added.retry && !this.#mayNeedFix(row, result.added))
        this.#fail(`${row.id}: retry ${result.added.retry}`);
      const done = this.#done.get(row.id);
      if (done !== undefined && done !== result.text) this.#fail(`${row.id} was done, and changed to ${result.text}`);
      found.push({ row, ...result });
    });
    for (const id of byId.keys()) this.#fail(`the results have a row ${id} that the input has not`);
    return found;
  }

  /** One row's outcome against what the server knows. */
  #checkRow({ row, added }) {
    const { outcome } = added;
    const what = `${row.id} (${row.kind} ${row.key ?? ''}) is ${outcome}`;
    const allowed = [...finalOutcomes(row), ...(isSettledAtOnce(row) ? [] : TRANSITIONAL)];
    if (!allowed.includes(outcome)) this.#fail(`${what}: not one of ${allowed.join()}`);
    const attempts = Number(added.attempts);
    if (!Number.isInteger(attempts)) this.#fail(`${what}: attempts ${added.attempts}`);
    if (row.kind === 'twice' || row.kind === 'conflict') {
      if (attempts !== 0) this.#fail(`${what} with ${attempts} attempts`);
      return;
    }
    if (row.key === undefined) return;
    this.#journal.noteResult(row.key, attempts);
    const sends = this.sends.filter((send) => keyOf(send) === row.key);
    if (sends.length > attempts) this.#fail(`${what}: the server saw ${sends.length} sends, attempts says ${attempts}`);
    if (this.#isDoubtExact && attempts > sends.length + (this.#unseen.get(row.key) ?? 0))
      this.#fail(`${what}: attempts says ${attempts}, the server saw no more than ${sends.length} sends`);
    if (isSettledAtOnce(row) && sends.length > 0) this.#fail(`${what}, and was sent`);
    const applied = sends.find((send) => send.applied);
    const isOtp = row.key.startsWith('otp:');
    if (outcome === 'registered') this.#checkRegistered(row);
    const denies = ['refused', 'invalid', 'unavailable', 'not_sent', ...(isOtp ? ['already_registered'] : [])];
    if (applied !== undefined && denies.includes(outcome)) this.#fail(`${what}, but send ${applied.n} was applied`);
    if (outcome === 'already_registered' && applied !== undefined && !added.detail.includes('may be ours')) {
      this.#fail(`${what}, and its detail does not say that it may be ours`);
    }
    if ((outcome === 'unknown' || outcome === 'key_lost') && attempts === 0) this.#fail(`${what} without a send`);
    const lastCertain = sends.findLastIndex(({ fault = 'ok' }) => CERTAIN.includes(fault));
    this.#noteForeignPage(row, added);
    const isOpen = sends
      .slice(lastCertain + 1)
      .some((send) => send.fault !== NOT_TAKEN && !this.#foreignPages.has(send));
    if (isOpen && ['unavailable', 'not_sent', 'invalid'].includes(outcome))
      this.#fail(`${what}: its doubt was forgotten`);
    this.#checkTime(what, { added, sends, attempts });
  }

  /** A row may say so for the last time in results that a kill comes right after. */
  #noteForeignPage({ key }, { detail }) {
    if (key === undefined || !detail.includes(NO_CENTAGATE)) return;
    const page = this.sends.findLast((send) => keyOf(send) === key && send.fault === 'html');
    if (page !== undefined) this.#foreignPages.add(page);
  }

  /** A row that page after page keeps back, run after run, while others get through, needs a person; its doubt is kept. */
  #mayNeedFix({ key }, { outcome, retry }) {
    const last = this.sends.findLast((send) => keyOf(send) === key);
    return outcome === 'unknown' && retry === 'fix' && isPage(last?.fault);
  }

  #checkTime(what, { added, sends, attempts }) {
    if (attempts === 0 && added.sent_at !== '') this.#fail(`${what}: sent_at without a send`);
    if (attempts > 0 && Number.isNaN(Date.parse(added.sent_at))) this.#fail(`${what}: sent_at "${added.sent_at}"`);
    const last = sends.at(-1);
    if (last !== undefined && sends.length === attempts && Date.parse(added.sent_at) > last.at + 5) {
      this.#fail(`${what}: sent_at ${added.sent_at} is later than the last send, ${new Date(last.at).toISOString()}`);
    }
  }

  #checkRegistered({ key, id }) {
    const [tokenType, username] = splitKey(key);
    const applied = this.sends.some((send) => keyOf(send) === key && send.applied);
    if (!this.#isRegistered(tokenType, username)) this.#fail(`${id} is registered, but the server has no token`);
    else if (!applied) this.#fail(`${id} is registered, but no send of ours did it`);
  }

  #checkKeys() {
    const keys = this.#try(() => readKeys(this.#path('keys')));
    if (keys === undefined) return undefined;
    const { header, rows, whole } = keys;
    if (!whole.startsWith(this.#keysText)) this.#fail('users.keys.csv lost what it had');
    this.#keysText = whole;
    if (header !== undefined && header.join() !== 'username,key,registered_at,written,object')
      this.#fail(`the keys begin ${header.join()}`);
    const seen = new Set();
    for (const cells of rows) {
      const [username, key, at] = cells;
      const send = this.sends.find((other) => other.key === key);
      if (cells.slice(3).join() !== ',' || !'0000-00-00T00:00:00.000Z'.startsWith(at.replaceAll(/\d/g, '0')))
        this.#fail(`users.keys.csv has the line ${cells.join()}`);
      if (send?.username !== username) this.#fail(`users.keys.csv gives ${username} a key that the server did not`);
      if (seen.has(key)) this.#fail(`users.keys.csv has the key of ${username} twice`);
      seen.add(key);
    }
    return { ...keys, has: (key) => seen.has(key) };
  }

  #checkKeySaved(key, keys) {
    const send = this.sends.find((other) => keyOf(other) === key && other.applied);
    if (send?.key === undefined || send.fault === 'no-key' || keys?.has(send.key)) return;
    this.#fail(`${key} is settled as registered, and its key is not in the keys file`);
  }

  #checkIssuedKeys(rows, keys) {
    const byKey = new Map(rows.filter(({ row }) => row.kind !== 'twice').map((result) => [result.row.key, result]));
    for (const send of this.sends) {
      if (send.key === undefined) continue;
      const { row, added } = byKey.get(keyOf(send)) ?? { row: { id: send.username }, added: { outcome: 'nowhere' } };
      const isSaved = keys?.has(send.key) ?? false;
      const neverCame = send.fault === 'no-key';
      const mayLack = ['key_lost', 'unknown', ...(neverCame ? ['registered'] : [])];
      if (!isSaved && !mayLack.includes(added.outcome))
        this.#fail(`${row.id} is ${added.outcome}, and its key is lost`);
      if (isSaved && added.outcome === 'key_lost') this.#fail(`${row.id} is key_lost, and its key is in the keys file`);
      if (neverCame && added.outcome === 'registered' && !added.detail.includes('key')) {
        this.#fail(`${row.id} was registered without a key, and its detail does not say so`);
      }
    }
  }

  #checkFailedIsWhole() {
    const failed = readWholeCsv(this.#path('failed'), this.#scenario);
    if (failed === undefined) return;
    const ids = failed.rows.map((cells) => cells[this.#scenario.columns.indexOf('id')]);
    if (new Set(ids).size !== ids.length) this.#fail('users.failed.csv has a row twice');
    for (const id of ids) {
      if (!this.#scenario.rows.some((row) => row.id === id)) this.#fail(`users.failed.csv has a row ${id}`);
    }
  }

  #checkFailedIs(rows) {
    const failed = readResults(this.#path('failed'), this.#scenario) ?? [];
    const expected = rows.filter(({ added }) => added.retry !== 'no').map(({ text }) => text);
    if (JSON.stringify(failed.map(({ text }) => text)) !== JSON.stringify(expected)) {
      this.#fail('users.failed.csv is not what is left in users.results.csv');
    }
  }

  #checkSummary(rows, exitCode) {
    const summary = JSON.parse(readFileSync(this.#path('summary'), 'utf8'));
    if (summary.exit_code !== exitCode) this.#fail(`exit ${exitCode}, the summary says ${summary.exit_code}`);
    if (summary.rows !== rows.length) this.#fail(`the summary counts ${summary.rows} rows`);
    if (summary.sends < this.sendsOfRun)
      this.#fail(`${this.sendsOfRun} sends seen, the summary counts ${summary.sends}`);
    for (const outcome of Object.keys(RETRY)) {
      const count = rows.filter(({ added }) => added.outcome === outcome).length;
      if ((summary.outcomes[outcome] ?? 0) !== count) this.#fail(`the summary miscounts ${outcome}`);
    }
  }

  #checkSecrets(said) {
    const { names } = listStem(this.#folder, { hasEnded: false });
    const texts = names.map((name) => [name, readFileSync(join(this.#folder, name), 'utf8')]);
    texts.push(['standard output', said.stdout], ['standard error', said.stderr]);
    for (const [where, text] of texts) {
      for (const [name, secret] of Object.entries(this.#scenario.secrets)) {
        if (text.includes(secret)) this.#fail(`${where} holds the ${name}`);
      }
      if (where === FILES.keys) continue;
      const key = this.sends.find((send) => send.key !== undefined && text.includes(send.key));
      if (key !== undefined) this.#fail(`${where} holds the activation key of ${key.username}`);
    }
  }

  /** Sends by key. */
  #seen() {
    const seen = new Map();
    for (const send of this.sends) seen.set(keyOf(send), (seen.get(keyOf(send)) ?? 0) + 1);
    return seen;
  }

  #try(read) {
    try {
      return read();
    } catch (error) {
      this.#fail(error.message);
      return undefined;
    }
  }

  #path(name) {
    return join(this.#folder, FILES[name]);
  }

  #fail(problem) {
    this.violations.push(`${this.#where}: ${problem}`);
  }
}

function keyOf({ tokenType, username }) {
  return `${tokenType}:${username}`;
}

function splitKey(key) {
  const colon = key.indexOf(':');
  return [key.slice(0, colon), key.slice(colon + 1)];
}

function groupById(results, idAt) {
  const groups = new Map();
  for (const result of results) groups.set(result.own[idAt], [...(groups.get(result.own[idAt]) ?? []), result]);
  return groups;
}
