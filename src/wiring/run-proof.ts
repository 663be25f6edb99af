import { hash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Ended } from '../batch/run.js';
import type { StemFiles } from '../core/stem.js';
import type { Header } from '../input/header.js';
import { digestsOf, toDigestList } from '../manifest/digest-list.js';
import { repeatManifest, toManifest } from '../manifest/manifest.js';
import type { Approval, FileFigures, Manifest, ShardFigures, Unchained } from '../manifest/manifest.js';
import { addToChain, toChainText } from '../manifest/manifest-chain.js';
import { readChain, readLastManifest } from '../manifest/manifest-file.js';
import { RowTotals, without } from '../manifest/row-totals.js';
import type { Totals } from '../manifest/row-totals.js';
import { isSentNoMore, SignatureDigest, signatureIn } from '../manifest/signature-digest.js';
import type { Outputs, OutputTexts, Written } from '../record/outputs.js';
import { toSummaryText } from '../record/summary-file.js';
import type { RunReport } from '../report/run-report.js';
import type { Job } from './job.js';
import type { RunContext } from './run-world.js';

interface ProofContext extends Pick<RunContext, 'job' | 'approval' | 'countKeys' | 'sentSignatures'> {
  readonly header: Header;
  /** Epoch ms. */
  readonly startedAt: number;
}

interface WrittenRows {
  readonly written: ReturnType<Outputs['finish']>;
  /** Of all sends, where there is one. */
  readonly log: Written | undefined;
  /** What an undo left; of a run, what the last one did is still there. */
  readonly undone?: Written;
  /** Absent: the rows came into the results as they stand in the input. */
  readonly inputTotals: (() => Totals) | undefined;
  /** Of a merge. */
  readonly shards?: readonly ShardFigures[];
}

/** Sums up what a run read and left, row by row, for its manifest. */
export class RunProof {
  readonly #context: ProofContext;
  readonly #results = new RowTotals();
  /** Of them, those that only the results of earlier runs had. */
  readonly #kept = new RowTotals();
  readonly #signatures = new SignatureDigest();

  constructor(context: ProofContext) {
    this.#context = context;
  }

  add({ row, settlement, plan }: Ended): void {
    const { header, startedAt, sentSignatures } = this.#context;
    const { sentAt } = settlement;
    this.#results.add(header, row.cells);
    if (row.inputLine === undefined) this.#kept.add(header, row.cells);
    if (sentAt === undefined || sentAt < startedAt) return;
    const signed = signatureIn(header, row.cells);
    if (signed === undefined) return;
    const { key, path } = signed;
    const sent = { path, sentAt, isDone: isSentNoMore(settlement) };
    this.#signatures.add(sent, sentSignatures.digestOf(plan?.registration, key));
  }

  /** What is written when the results are. */
  complete(report: RunReport, { written, log, undone, inputTotals, shards }: WrittenRows): OutputTexts {
    const { job, approval, countKeys } = this.#context;
    const results = this.#results.result();
    const summary = toSummaryText(report);
    const manifest = toManifest(report, {
      approval,
      input: inputTotals?.() ?? without(results, this.#kept.result()),
      results: { ...figuresOf(job.files.results, written.results), ...results },
      failed: figuresOf(job.files.failed, written.failed),
      summary: figuresOfText(job.files.summary, summary),
      attempts: log === undefined ? null : figuresOf(job.files.attempts, log),
      signatures: this.#signatures.result(),
      keys: {
        file: basename(job.files.keys),
        count: countKeys(),
        bytes: statSync(job.files.keys, { throwIfNoEntry: false })?.size ?? 0,
      },
      undone: undone === undefined ? lastUndone(job.files) : figuresOf(job.files.undone, undone),
      ...(shards && { shards }),
    });
    return { summary, ...chain(job, manifest, report.input) };
  }
}

/** Of a run that found all as the last one left it. */
export function repeatProof(
  job: Pick<Job, 'files' | 'part'>,
  { last, approval }: { readonly last: Manifest; readonly approval: Approval | null },
  report: RunReport,
): OutputTexts {
  const summary = toSummaryText(report);
  const manifest = repeatManifest(last, report, { approval, summary: figuresOfText(job.files.summary, summary) });
  return { summary, ...chain(job, manifest, report.input) };
}

/** What the last undo left, while it is there. */
function lastUndone({ manifest, undone }: StemFiles): FileFigures | undefined {
  if (!existsSync(undone)) return undefined;
  return readLastManifest(manifest)?.undone;
}

function chain(
  { files, part }: Pick<Job, 'files' | 'part'>,
  { input, ...others }: Unchained,
  inputPath: string,
): Pick<OutputTexts, 'manifest' | 'digests'> {
  const isBeside = resolve(dirname(inputPath)) === resolve(dirname(files.results));
  const isOurs = [files.results, files.failed].some((path) => basename(path) === input.file);
  // The files of a shard are moved away from the input when they are merged.
  const listed = isBeside && !isOurs && part === undefined;
  const manifest: Unchained = { ...others, input: { ...input, listed } };
  const text = toChainText(addToChain(readChain(files.manifest), manifest));
  const itself = figuresOfText(files.manifest, text);
  return { manifest: text, digests: toDigestList(digestsOf(manifest, itself)) };
}

function figuresOf(path: string, { bytes, sha256 }: Written): FileFigures {
  return { file: basename(path), bytes, sha256 };
}

function figuresOfText(path: string, text: string): FileFigures {
  return figuresOf(path, { bytes: Buffer.byteLength(text), sha256: hash('sha256', text, 'hex') });
}
