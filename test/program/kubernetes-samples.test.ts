import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { failuresToRepeat } from '../../src/core/exit-code.js';
import { CODES_TO_REPEAT, jobProblems, jobSpecOf, podProblems, schemaProblems } from '../support/cluster.js';
import type { JobSpec, Manifest, Things } from '../support/cluster.js';

/* What operators copy into a cluster, which is not at hand: every manifest is held to what it would be refused for. */

const FOLDER = join(import.meta.dirname, '../../samples/kubernetes');

interface Sample {
  readonly file: string;
  readonly name: string;
  readonly manifest: Manifest;
}

const texts = readdirSync(FOLDER).map((file) => [file, readFileSync(join(FOLDER, file), 'utf8')] as const);
const samples = texts.flatMap(([file, text]): Sample[] =>
  parseAllDocuments(text).map((document) => {
    // Our own; the schemas look at it first of all.
    const manifest = document.toJS() as Manifest;
    return { file, name: `${file}: ${manifest.kind} ${manifest.metadata.name}`, manifest };
  }),
);
const jobs = samples.flatMap((sample) => {
  const spec = jobSpecOf(sample.manifest);
  return spec === undefined ? [] : [{ ...sample, spec }];
});

const namesOf = (kind: string): string[] =>
  samples.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest.metadata.name);

/** Secrets are made by hand, as the head of a file says: by which name, from which files. */
function secretsTold(): Record<string, string[]> {
  const told = texts.flatMap(([, text]) =>
    [...text.replaceAll(/\\?\n#/g, ' ').matchAll(/kubectl create secret generic (\S+)((?:\s+--from-file=\S+)+)/g)].map(
      ([, name = '', files = '']) =>
        [name, [...files.matchAll(/--from-file=(\S+)/g)].map(([, file = '']) => file)] as const,
    ),
  );
  return Object.fromEntries(told);
}

const THINGS: Things = {
  claims: namesOf('PersistentVolumeClaim'),
  configMaps: namesOf('ConfigMap'),
  secrets: secretsTold(),
};

describe.each(samples)('$name', ({ manifest }) => {
  it('is what its schema says, and nothing that no schema has', () => {
    expect(schemaProblems(manifest)).toEqual([]);
  });
});

describe.each(jobs)('$name', ({ spec }) => {
  it('is what the API server takes', () => {
    expect(jobProblems(spec)).toEqual([]);
  });

  it('names what is there, and types what the program takes', async () => {
    expect(await podProblems(spec.template.spec, THINGS)).toEqual([]);
  });

  it('starts a pod again after what a repetition may help, a few times', () => {
    expect(codesOf(spec, 'Count')).toEqual(CODES_TO_REPEAT);
    expect(spec.backoffLimitPerIndex ?? spec.backoffLimit).toBeGreaterThan(0);
  });

  it('fails at once after what somebody must act on', () => {
    expect([...codesOf(spec, 'FailJob'), ...codesOf(spec, 'FailIndex')].sort((one, other) => one - other)).toEqual(
      failuresToRepeat(false),
    );
    expect(spec.podFailurePolicy?.rules[0]?.onExitCodes.values).toEqual([2, 6, 70]);
  });
});

function codesOf({ podFailurePolicy }: JobSpec, action: string): readonly number[] {
  return (podFailurePolicy?.rules ?? [])
    .filter((rule) => rule.action === action)
    .flatMap(({ onExitCodes }) => onExitCodes.values);
}

/** A sample with one value put elsewhere, or anew. */
function changed(path: string, value: unknown): Manifest {
  const [, text = ''] = texts.find(([file]) => file === 'job.yaml') ?? [];
  const documents = parseAllDocuments(text).filter((document) => document.get('kind') === 'Job');
  const [job] = documents as Document[];
  job!.setIn(['spec', ...path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step))], value);
  return job!.toJS() as Manifest;
}

describe('what is wrong with a manifest is found', () => {
  const container = 'template/spec/containers/0';
  const rule = 'podFailurePolicy/rules/0';

  it.each([
    ['spec/backofLimit: no schema has it', 'backofLimit', 3],
    ['spec/template/spec/containers/0/arg: no schema has it', `${container}/arg`, []],
    ['data/spec/backoffLimit must be integer', 'backoffLimit', '3'],
  ])('%s', (problem, path, value) => {
    expect(schemaProblems(changed(path, value)).join()).toContain(problem);
  });

  it.each([
    ['podFailurePolicy needs restartPolicy Never', 'template/spec/restartPolicy', 'OnFailure'],
    ['backoffLimitPerIndex needs completionMode Indexed', 'backoffLimitPerIndex', 1],
    ['completionMode Indexed needs completions', 'completionMode', 'Indexed'],
    ['maxFailedIndexes needs backoffLimitPerIndex', 'maxFailedIndexes', 1],
    ['FailIndex needs backoffLimitPerIndex', `${rule}/action`, 'FailIndex'],
    ['0 is no failure', `${rule}/onExitCodes/values`, [0, 2]],
    ['exit codes are in order, each once', `${rule}/onExitCodes/values`, [6, 2]],
    ['no container is called run', `${rule}/onExitCodes/containerName`, 'run'],
    ['parallelism is more than there is to do', 'parallelism', 2],
  ])('%s', (problem, path, value) => {
    expect(jobProblems(jobSpecOf(changed(path, value))!)).toContain(problem);
  });

  it.each([
    ['no volume elsewhere', `${container}/volumeMounts/0/name`, 'elsewhere'],
    ['no such claim', 'template/spec/volumes/0/persistentVolumeClaim/claimName', 'none'],
    ['no such secret', 'template/spec/volumes/1/secret/secretName', 'none'],
    ['has no password', `${container}/env/2/value`, '/secrets/password'],
    ['no variable CENTAGATE_SEVER', `${container}/env/0/name`, 'CENTAGATE_SEVER'],
    ['no such config map', `${container}/envFrom`, [{ configMapRef: { name: 'none' } }]],
    ['Unknown argument: no-such-flag', `${container}/args`, ['run', '/data/department.csv', '--no-such-flag']],
    ['what is to stay is in no emptyDir', 'template/spec/volumes/0', { name: 'data', emptyDir: {} }],
    ['a run takes up to 20 s to end', 'template/spec/terminationGracePeriodSeconds', 20],
  ])('%s', async (problem, path, value) => {
    const { template } = jobSpecOf(changed(path, value))!;
    expect((await podProblems(template.spec, THINGS)).join()).toContain(problem);
  });
});
