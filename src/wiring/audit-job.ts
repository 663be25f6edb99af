import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { auditChain } from '../checks/audit-chain.js';
import { auditInput } from '../checks/audit-input.js';
import { compareLists, compareSummary } from '../checks/audit-manifest.js';
import { auditRows, compareRows, compareTotals, undoneKeys } from '../checks/audit-rows.js';
import type { AuditedRows } from '../checks/audit-rows.js';
import { bad, Differences, skip } from '../checks/audit.js';
import type { AuditCheck, AuditCheckName, Audited } from '../checks/audit.js';
import type { Clock } from '../core/clock.js';
import { showName } from '../core/safe-text.js';
import type { StemFiles } from '../core/stem.js';
import { isSameFile } from '../core/same-file.js';
import { UsageError } from '../core/usage-error.js';
import { Corrections } from '../input/correction.js';
import type { RowFile } from '../input/file-row.js';
import type { InputOptions } from '../input/open-input.js';
import { digestsOf, parseDigestList } from '../manifest/digest-list.js';
import type { Manifest } from '../manifest/manifest.js';
import { RowIndex } from '../plan/row-index.js';
import type { RunReport } from '../report/run-report.js';
import type { SettingValues } from '../settings/settings.js';
import { AuditFiles, isUnread, openFile, orUnread, readBy, readText, writtenBy } from './audit-files.js';
import type { AuditedFolder, Unread } from './audit-files.js';
import { auditSignature, SentAgain } from './audit-signatures.js';
import { refusePart, refuseUnderWay, refuseUnmerged } from './job.js';
import type { Job } from './job.js';

type AuditSettings = SettingValues<'audit'>;

/** @throws {UsageError} for what is no results file, and while a run of it goes on or waits for its completion */
export async function* auditJob(
  job: Job,
  settings: AuditSettings,
  { clock, auditShards }: AuditWorld,
): AsyncGenerator<AuditCheck> {
  const { results, manifest } = job.files;
  if (resolve(job.input) !== resolve(results))
    throw new UsageError([`audit takes the results of a run, such as ${showName(basename(results))}`]);
  refusePart(job);
  refuseUnmerged(job.files);
  if (!existsSync(results)) throw new UsageError([`${showName(results)} is not there`]);
  refuseUnderWay(job.files);
  const { audited, manifests } = auditChain(basename(manifest), readText(manifest));
  yield toCheck('chain', audited);
  const last = manifests.at(-1);
  if (last === undefined) return;
  yield* new Audit(new AuditFiles(job.files), { settings, manifests, last, now: clock.now(), auditShards }).checks();
}

function toCheck(name: AuditCheckName, { verdict, says }: Audited): AuditCheck {
  return { name, verdict, says };
}

interface AuditWorld {
  readonly clock: Clock;
  /** Of the shards of all merges; undefined where no run was one. */
  readonly auditShards: (whole: StemFiles, manifests: readonly Manifest[]) => Promise<Audited | undefined>;
}

interface AuditContext extends AuditedFolder, Pick<AuditWorld, 'auditShards'> {
  readonly manifests: readonly Manifest[];
  /** Epoch ms. */
  readonly now: number;
}

class Audit {
  readonly #disk: AuditFiles;
  readonly #context: AuditContext;

  constructor(disk: AuditFiles, context: AuditContext) {
    this.#disk = disk;
    this.#context = context;
  }

  async *checks(): AsyncGenerator<AuditCheck> {
    const { settings, manifests, last, now, auditShards } = this.#context;
    const { results: resultsPath, failed: failedPath, digests } = this.#disk.files;
    yield toCheck('digests', await this.#auditDigests());
    const summary = this.#disk.readSummary();
    const report = isUnread(summary) ? undefined : summary;
    const written = writtenBy(this.#context, report);
    const [results, failed] = [await openFile(resultsPath, written), await openFile(failedPath, written)];
    const folder = settings.signaturesDir ?? report?.signatures_dir ?? dirname(resultsPath);
    const sent = new SentAgain(folder, manifests);
    const undone = await this.#readUndone(written);
    const rows = isUnread(results) ? results : await this.#readRows(results, { failed, undone }, sent);
    yield toCheck('results', await this.#auditResults(rows));
    yield toCheck('failed', await this.#auditFailed(rows, failed));
    yield toCheck('summary', await this.#auditSummary(summary));
    yield toCheck('keys', await this.#auditKeys(rows));
    if (last.undone !== undefined || isUnread(undone) || (!isUnread(rows) && !rows.undone.isNone))
      yield toCheck('undone', await this.#auditUndone(rows, undone));
    yield toCheck('input', await this.#auditInput(results, report));
    yield toCheck('signatures', isUnread(rows) ? skip('the results can not be read') : sent.judge());
    const shards = await auditShards(this.#disk.files, manifests);
    if (shards !== undefined) yield toCheck('shards', shards);
    const { signature, trust } = settings;
    if (signature !== undefined) yield toCheck('signature', auditSignature(digests, { signature, trust }, now));
  }

  async #auditDigests(): Promise<Audited> {
    const { digests, failed, manifest } = this.#disk.files;
    const name = basename(digests);
    const text = readText(digests);
    if (text === undefined) return bad(`${name} is not there`);
    const list = parseDigestList(text);
    if (list === undefined) return bad(`${name} has a line that is no digest and name`);
    const itself = await this.#disk.figuresOf(manifest);
    if (itself === undefined) return bad(`${basename(manifest)} can not be read`);
    const differences = new Differences();
    const changed: string[] = [];
    for (const { file, sha256 } of list) {
      const figures = await this.#disk.figuresOf(join(dirname(digests), file));
      if (figures === undefined)
        differences.add(`${showName(file)}, which ${name} lists, is not there, or can not be read`);
      else if (figures.sha256 !== sha256) {
        differences.add(`${showName(file)} is not the one that ${name} lists`);
        changed.push(file);
      }
    }
    const expected = digestsOf(this.#context.last, itself, list);
    compareLists(name, { list, expected }, differences);
    const judged = differences.judge(`${list.length} files are as ${name} lists them`);
    const isFailedAlone = differences.count === 1 && changed[0] === basename(failed);
    return isFailedAlone ? { ...judged, says: `${judged.says}: see below` } : judged;
  }

  /** Nothing where undo left nothing. */
  async #readUndone(options: InputOptions): Promise<RowIndex | Unread> {
    const { undone } = this.#disk.files;
    if (!existsSync(undone)) return new RowIndex();
    const file = await openFile(undone, options);
    return isUnread(file) ? file : orUnread(() => undoneKeys(file));
  }

  async #auditUndone(rows: AuditedRows | Unread, undone: RowIndex | Unread): Promise<Audited> {
    const { last } = this.#context;
    const differences = new Differences();
    if (last.undone !== undefined) await this.#disk.compare(this.#disk.files.undone, last.undone, differences);
    if (isUnread(undone)) differences.add(undone.problem);
    else if (!isUnread(rows)) differences.addAll(rows.undone);
    const count = last.outcomes['undone'] ?? 0;
    return differences.judge(`${count} rows of the results, each of which undo tells of`);
  }

  async #readRows(
    results: RowFile,
    { failed, undone }: { readonly failed: RowFile | Unread; readonly undone: RowIndex | Unread },
    sent: SentAgain,
  ): Promise<AuditedRows | Unread> {
    const keys = await this.#disk.readKeys();
    const keyTimes = keys === undefined ? await this.#disk.readHandedOut() : isUnread(keys) ? undefined : keys.keyTimes;
    return orUnread(() =>
      auditRows({
        results,
        failed: isUnread(failed) ? undefined : failed,
        undone: isUnread(undone) ? new RowIndex() : undone,
        keyTimes: isUnread(keyTimes) ? undefined : keyTimes,
        onSigned: (row, username) => sent.add(row, username),
      }),
    );
  }

  async #auditResults(rows: AuditedRows | Unread): Promise<Audited> {
    const { last } = this.#context;
    const differences = new Differences();
    await this.#disk.compare(this.#disk.files.results, last.results, differences);
    if (isUnread(rows)) differences.add(rows.problem);
    else {
      compareRows(rows, last, differences);
      differences.addAll(rows.results);
    }
    const { rows: count, hash_total } = last.results;
    return differences.judge(`${count} rows, hash total ${hash_total}; outcomes and types add up`);
  }

  async #auditFailed(rows: AuditedRows | Unread, failed: RowFile | Unread): Promise<Audited> {
    const { last } = this.#context;
    const differences = new Differences();
    await this.#disk.compare(this.#disk.files.failed, last.failed, differences);
    if (isUnread(failed)) differences.add(failed.problem);
    else if (!isUnread(rows)) differences.addAll(rows.failed);
    const judged = differences.judge(`${last.failed.rows} rows, those of the results that need another run`);
    if (isUnread(rows) || rows.corrected === 0 || rows.corrected < rows.failed.count) return judged;
    const count = rows.corrected === 1 ? '1 row was' : `${rows.corrected} rows were`;
    const expected = `${count} corrected, and nothing else: to be expected until the next run reads them`;
    return { ...judged, says: `${judged.says}. ${expected}` };
  }

  async #auditSummary(summary: RunReport | undefined | Unread): Promise<Audited> {
    const { last } = this.#context;
    const differences = new Differences();
    await this.#disk.compare(this.#disk.files.summary, last.summary, differences);
    if (isUnread(summary)) differences.add(summary.problem);
    else if (summary !== undefined) compareSummary(summary, last, differences);
    return differences.judge(`of run ${last.run_id}`);
  }

  async #auditKeys(rows: AuditedRows | Unread): Promise<Audited> {
    const { keys: said } = this.#context.last;
    const keys = await this.#disk.readKeys();
    if (keys === undefined) return this.#auditNoKeys(rows);
    if (isUnread(keys)) return bad(keys.problem);
    const differences = new Differences();
    differences.addFigure(`lines of ${said.file}`, keys.savedKeys.count, said.count);
    differences.addFigure(`bytes of ${said.file}`, keys.bytes, said.bytes);
    if (!isUnread(rows)) differences.addAll(rows.keys);
    // Beside these it has the keys of rows that were undone since, and those of earlier registrations.
    const good =
      'each OTP row that is registered has one there: count, size and users; what the keys are is not proved';
    return differences.judge(`${said.count === 1 ? '1 line' : `${said.count} lines`}; ${good}`);
  }

  #auditNoKeys(rows: AuditedRows | Unread): Audited {
    const { settings, last } = this.#context;
    const { file, count } = last.keys;
    if (settings.withoutKeys) return skip(`${file} is not here: its ${count} lines were not looked at`);
    const waiting = isUnread(rows) ? count : rows.keys.count;
    if (waiting === 0) return skip(`${file} is not here, and no registered row waits for a key of it`);
    const keys =
      waiting === 1
        ? 'the key of 1 row that is registered and got none'
        : `the keys of ${waiting} rows that are registered and got none`;
    return bad(`${file} is not here, and with it ${keys}: restore it; where it is kept elsewhere, --without-keys`);
  }

  async #auditInput(results: RowFile | Unread, report: RunReport | undefined): Promise<Audited> {
    const { settings, manifests } = this.#context;
    const { files } = this.#disk;
    const given = settings.input;
    // What reruns take of our own files came from the one that somebody gave.
    const first = manifests.findLast(({ input }) => !isOurs(files, input.file));
    if (given === undefined && first === undefined)
      return skip('no run read another file than what one before it had left: give the export by --input');
    const path = given ?? join(dirname(files.results), first?.input.file ?? '');
    if ([files.results, files.failed].some((file) => isSameFile(file, path)))
      return skip('that is what a run left: give the export by --input');
    if (given === undefined && !existsSync(path))
      return skip(`${showName(basename(path))} is not beside the results: give it by --input`);
    const figures = await this.#disk.figuresOf(path);
    if (figures === undefined) return bad(`${showName(path)} can not be read`);
    const run = manifests.findLast(({ input }) => input.sha256 === figures.sha256);
    if (given === undefined && run === undefined)
      return bad(`${showName(basename(path))} is not the file that a run read: it has changed since`);
    const input = await openFile(path, readBy(run ?? first, this.#context, report));
    if (isUnread(input)) return bad(input.problem);
    if (isUnread(results)) return skip('the results can not be read');
    const audited = await orUnread(() => auditInput(input, results, new Corrections(report?.corrections)));
    if (isUnread(audited)) return bad(audited.problem);
    const { totals, differences } = audited;
    if (run !== undefined) compareTotals(totals, run.input, differences);
    const corrected = audited.corrected > 0 ? `, ${audited.corrected} of them corrected since` : '';
    const by = run === undefined ? '; no run read a file of these very bytes' : `; read by run ${run.number}`;
    const judged = differences.judge(`${totals.rows} rows, each in the results, and no other${corrected}${by}`);
    return judged.verdict === 'good' && run === undefined ? { ...judged, verdict: 'odd' } : judged;
  }
}

function isOurs({ results, failed }: StemFiles, file: string): boolean {
  return [results, failed].some((path) => basename(path) === file);
}
