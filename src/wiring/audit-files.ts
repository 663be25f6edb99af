import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Differences } from '../checks/audit.js';
import { ALLOWANCE_NAMES } from '../core/allowance.js';
import { errnoOf } from '../core/errno.js';
import { InputError } from '../core/input-error.js';
import type { StemFiles } from '../core/stem.js';
import { readLedger } from '../handout/ledger-file.js';
import { parseDelimiter } from '../input/dialect.js';
import type { RowFile } from '../input/file-row.js';
import { readInputBytes } from '../input/input-bytes.js';
import { openInput } from '../input/open-input.js';
import type { InputOptions } from '../input/open-input.js';
import type { FileFigures, Manifest } from '../manifest/manifest.js';
import { KeyTimes } from '../plan/key-times.js';
import { readSummary } from '../record/summary-file.js';
import type { RunReport } from '../report/run-report.js';
import type { SettingValues } from '../settings/settings.js';
import { keysReader } from './stem-state.js';
import type { StemKeys } from './stem-state.js';

/** What keeps something from being read, in words; what an audit finds is a value. */
export interface Unread {
  readonly problem: string;
}

/** The files of a stem as an audit finds them, whatever became of them. */
export class AuditFiles {
  readonly files: StemFiles;
  readonly #figures = new Map<string, FileFigures>();
  readonly #readKeys: () => Promise<StemKeys>;

  constructor(files: StemFiles) {
    this.files = files;
    this.#readKeys = keysReader({ files });
  }

  /** Undefined: it is not there, or can't be read. */
  async figuresOf(path: string): Promise<FileFigures | undefined> {
    const known = this.#figures.get(path);
    if (known !== undefined) return known;
    const read = await readInputBytes(path).catch(() => undefined);
    if (read === undefined) return undefined;
    const figures = { file: basename(path), sha256: read.sha256, bytes: read.size };
    this.#figures.set(path, figures);
    return figures;
  }

  async compare(path: string, said: FileFigures, differences: Differences): Promise<void> {
    const found = await this.figuresOf(path);
    const name = basename(path);
    if (found === undefined) differences.add(`${name} is not there, or can not be read`);
    else if (found.bytes !== said.bytes) differences.addFigure(`bytes of ${name}`, found.bytes, said.bytes);
    else if (found.sha256 !== said.sha256) differences.add(`${name} has another SHA-256 than the manifest says`);
  }

  /** Undefined where there is no summary. */
  readSummary(): RunReport | undefined | Unread {
    try {
      return readSummary(this.files.summary);
    } catch (error) {
      return toUnread(error);
    }
  }

  /** Whose keys were handed out, for where the keys file is gone. */
  async readHandedOut(): Promise<KeyTimes | Unread> {
    const times = new KeyTimes();
    return orUnread(async () => {
      await readLedger(this.files.handedOut, (username, savedAt) => times.note(username, savedAt));
      return times;
    });
  }

  /** Undefined where there is no keys file. */
  async readKeys(): Promise<(StemKeys & { readonly bytes: number }) | undefined | Unread> {
    const stats = statSync(this.files.keys, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    return orUnread(async () => ({ ...(await this.#readKeys()), bytes: stats.size }));
  }
}

export function openFile(path: string, options: InputOptions): Promise<RowFile | Unread> {
  return orUnread(() => openInput(path, options));
}

export function isUnread(read: object | undefined): read is Unread {
  return read !== undefined && 'problem' in read;
}

/** What breaks a file that is read. */
export function orUnread<Result>(read: () => Promise<Result>): Promise<Result | Unread> {
  return read().catch(toUnread);
}

function toUnread(error: unknown): Unread {
  if (error instanceof InputError) return { problem: error.message };
  throw error;
}

/** Undefined where there is no file. */
export function readText(path: string): string | undefined {
  return readBytes(path)?.toString('utf8');
}

export function readBytes(path: string): Buffer | undefined {
  // Somebody else may have packed the folder: a pipe is not waited for, and a device has no end.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** By what an audit reads the files of rows. */
export interface AuditedFolder {
  readonly settings: SettingValues<'audit'>;
  /** The newest manifest. */
  readonly last: Manifest;
}

/** How the last run wrote its results. */
export function writtenBy({ settings, last }: AuditedFolder, report: RunReport | undefined): InputOptions {
  const columns = { ...report?.columns, ...settings.columns };
  const unwrapFormulas = settings.unwrapFormulas || last.settings['unwrapFormulas'] === true;
  const own = { delimiter: undefined, sheet: undefined, remembered: undefined };
  return { ...own, allowed: ALLOWANCE_NAMES, columns, unwrapFormulas, encoding: report?.encoding };
}

/** How a run read its input, unless it is said otherwise. */
export function readBy(run: Manifest | undefined, context: AuditedFolder, report: RunReport | undefined): InputOptions {
  const { settings } = context;
  const { delimiter, sheet, headerLine } = run?.settings ?? {};
  return {
    ...writtenBy(context, report),
    encoding: settings.encoding,
    remembered: report?.encoding,
    delimiter: settings.delimiter ?? (typeof delimiter === 'string' ? parseDelimiter(delimiter) : undefined),
    sheet: settings.sheet ?? (typeof sheet === 'string' ? sheet : undefined),
    headerLine: settings.headerLine ?? (typeof headerLine === 'number' ? headerLine : undefined),
  };
}
