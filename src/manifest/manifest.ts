import { basename } from 'node:path';
import type { Origin } from '../report/origin.js';
import type { RunReport } from '../report/run-report.js';
import type { Totals } from './row-totals.js';

/**
 * What one run read and left, by digests and totals: one line of the manifest file, whose `previous` is the SHA-256 of the
 * line before. Its names are in snake case, as those of the summary. Nothing in it is secret, and nothing tells of a key.
 */
export interface Manifest {
  readonly version: 1;
  /** Of the stem's runs, from 1; those of a version without manifests are not counted. */
  readonly number: number;
  /** Null for the first. */
  readonly previous: string | null;
  readonly run_id: string;
  readonly made_by: Origin | null;
  readonly administrator: string;
  readonly server: string;
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly exit_code: number;
  readonly stopped_by: string | null;
  readonly selection: RunReport['selection'];
  readonly settings: RunReport['settings'];
  /** Null where none was asked for. */
  readonly approval: Approval | null;
  readonly input: ReadFigures;
  readonly results: FileFigures & Totals;
  readonly failed: FileFigures & Pick<Totals, 'rows'>;
  readonly summary: FileFigures;
  /** Null where nobody asked for the log of all sends. */
  readonly attempts: FileFigures | null;
  /** Null where it is not known: the run was cut off, and its journal is gone. */
  readonly signatures: SignatureFigures | null;
  readonly keys: KeyFigures;
  /** Of an undo alone. */
  readonly undo?: RunReport['undo'];
  /** What undo left, of this stem; absent where there was none. */
  readonly undone?: FileFigures | undefined;
  /** Of the rows of the results. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly retry: Readonly<Record<string, number>>;
  /** Of a merge: whose rows these are. */
  readonly shards?: readonly ShardFigures[] | undefined;
}

/** What one shard left, whose files lie in the folder of merged shards. */
export interface ShardFigures extends Pick<Totals, 'rows' | 'hash_total'> {
  /** Such as `3/8`. */
  readonly shard: string;
  readonly run_id: string;
  /** SHA-256 of its last manifest, hex: as a manifest after it would name it. */
  readonly manifest: string;
  /** SHA-256 of its results, hex. */
  readonly results: string;
  /** Of each of its runs that sent signatures, the oldest first. A version before this did not note it. */
  readonly sent?: readonly ShardSends[];
}

/** By which a second person let the run go. */
export interface Approval {
  /** Of the signed file, hex. */
  readonly sha256: string;
  /** The subject of the certificate. */
  readonly signed_by: string;
}

export interface FileFigures {
  /** Without its folder. */
  readonly file: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** What a version before this one did not note is null or absent. */
export interface ReadFigures extends Omit<FileFigures, 'bytes'>, Totals {
  readonly bytes: number | null;
  /** It lies beside the results, so its digest is listed with theirs. */
  readonly listed?: boolean;
}

/** Of some signatures that a run sent, in the order of the results: {@link SignatureDigest}. */
export interface SignatureSum {
  readonly count: number;
  /** Over the signatures, hex. */
  readonly sha256: string;
  /** Over their rows, hex: whether the results still have these as that run left them. A version before this did not note it. */
  readonly rows?: string;
}

/** Of all that this run sent, and of those whose rows no later run sends again. */
export interface SignatureFigures extends SignatureSum {
  readonly done?: SignatureSum;
}

export type ShardSends = Pick<Manifest, 'started_at' | 'signatures'>;

/** Never a digest: it would let everybody who has it try keys. */
export interface KeyFigures {
  readonly file: string;
  /** Lines beneath the header. */
  readonly count: number;
  readonly bytes: number;
}

type Told = 'undo' | 'made_by' | 'started_at' | 'ended_at' | 'exit_code' | 'stopped_by' | 'selection' | 'settings';

export interface RunFigures {
  readonly approval: Approval | null;
  readonly input: Totals;
  readonly results: FileFigures & Totals;
  readonly failed: FileFigures;
  readonly summary: FileFigures;
  readonly attempts: FileFigures | null;
  readonly signatures: SignatureFigures | null;
  readonly keys: KeyFigures;
  readonly undone: FileFigures | undefined;
  readonly shards?: readonly ShardFigures[];
}

/** A manifest that has no place in a chain yet. */
export type Unchained = Omit<Manifest, 'version' | 'number' | 'previous'>;

export function toManifest(report: RunReport, figures: RunFigures): Unchained {
  const { approval, input, results, failed, summary, attempts, signatures, keys, undone, shards } = figures;
  return {
    ...tellRun(report),
    approval,
    input: { file: basename(report.input), bytes: report.input_bytes, sha256: report.input_sha256, ...input },
    results,
    failed: { ...failed, rows: (report.retry['yes'] ?? 0) + (report.retry['fix'] ?? 0) },
    summary,
    attempts,
    signatures,
    keys,
    undone,
    outcomes: report.outcomes,
    retry: report.retry,
    ...(shards && { shards }),
  };
}

/** Of a run that found all as the one before left it. */
export function repeatManifest(
  last: Manifest,
  report: RunReport,
  { summary, approval }: Pick<RunFigures, 'summary' | 'approval'>,
): Unchained {
  return { ...last, ...tellRun(report), approval, summary, signatures: NO_SIGNATURES, shards: undefined };
}

/** What a manifest says as the summary of its run does. */
export function tellRun(
  report: RunReport,
): Pick<RunReport, Told | 'run_id'> & Pick<Manifest, 'administrator' | 'server'> {
  const { run_id, made_by, started_at, ended_at, exit_code, stopped_by, selection, settings, undo } = report;
  const administrator = String(settings['admin'] ?? '');
  const server = String(settings['server'] ?? '');
  const told = { run_id, made_by, administrator, server, started_at, ended_at, exit_code, stopped_by, selection };
  return { ...told, settings, undo };
}

/** The SHA-256 of no bytes. */
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const NONE: SignatureSum = { count: 0, sha256: NOTHING, rows: NOTHING };
const NO_SIGNATURES: SignatureFigures = { ...NONE, done: NONE };
