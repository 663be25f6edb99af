import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import { EXIT_CODES, failuresToRepeat } from '../../src/core/exit-code.js';
import {
  CODES_TO_REPEAT,
  jobProblems,
  jobSpecOf,
  podProblems,
  readManifests,
  schemaProblems,
  thingsIn,
} from '../support/cluster.js';
import type { Container, JobSpec, Manifest } from '../support/cluster.js';

/* What operators copy into a cluster, which is not at hand: every manifest is held to what it would be refused for. */

interface Sample {
  readonly file: string;
  readonly name: string;
  readonly manifest: Manifest;
}

const texts = readManifests('kubernetes');
const samples = texts.flatMap(({ file, manifests }): Sample[] =>
  manifests.map((manifest) => ({ file, name: `${file}: ${manifest.kind} ${manifest.metadata.name}`, manifest })),
);
const jobs = samples.flatMap((sample) => {
  const spec = jobSpecOf(sample.manifest);
  return spec === undefined ? [] : [{ ...sample, spec }];
});

const THINGS = thingsIn(texts);

describe.each(samples)('$name', ({ manifest }) => {
  it('is what its schema says, and nothing that no schema has', () => {
    expect(schemaProblems(manifest)).toEqual([]);
  });
});

/** What a pod that ends with an exit code of its command is for, but for those that this command never ends with. */
function codesAfter({ args = [] }: Pick<Container, 'args'>): { readonly repeats: number[]; readonly fails: number[] } {
  const { fix, rerun } = EXIT_CODES;
  const [repeats, fails] = [[...CODES_TO_REPEAT], [...failuresToRepeat(false)]];
  if (args[0] === 'run') return { repeats, fails };
  const others = repeats.filter((code) => code !== rerun.code);
  // No repetition of a merge helps rows that wait for another round.
  if (args[0] === 'merge') return { repeats: others, fails: [...fails, rerun.code].sort((one, other) => one - other) };
  return { repeats: others, fails: fails.filter((code) => code !== fix.code) };
}

describe.each(jobs)('$name', ({ spec }) => {
  it('is what the API server takes', () => {
    expect(jobProblems(spec)).toEqual([]);
  });

  it('names what is there, and types what the program takes', async () => {
    expect(await podProblems(spec.template.spec, THINGS)).toEqual([]);
  });

  it('starts a pod again after what a repetition may help, a few times, and fails at once after the rest', () => {
    const { repeats, fails } = codesAfter(spec.template.spec.containers[0]!);
    const failed = [...codesOf(spec, 'FailJob'), ...codesOf(spec, 'FailIndex')];
    expect(codesOf(spec, 'Count')).toEqual(repeats);
    expect(failed.sort((one, other) => one - other)).toEqual(fails);
    expect(spec.podFailurePolicy?.rules[0]?.onExitCodes.values).toEqual([2, 6, 70]);
    expect(spec.backoffLimitPerIndex ?? spec.backoffLimit).toBeGreaterThan(0);
  });
});

describe('the jobs of an array', () => {
  const specOf = (name: string): JobSpec => jobs.find(({ manifest }) => manifest.metadata.name.endsWith(name))!.spec;

  it('has as many shards as each is told, and lets those of the others go on where one is left with corrections', () => {
    const settings = samples.find(({ manifest }) => manifest.kind === 'ConfigMap')!.manifest['data'];
    const shards = specOf('-shards');
    expect(settings).toMatchObject({ CENTAGATE_SHARDS: String(shards.completions) });
    expect(codesOf(shards, 'FailIndex')).toEqual([EXIT_CODES.fix.code]);
  });

  it('share one volume that many may write to', () => {
    const named = ['-login', '-shards', '-merge'].flatMap((name) => specOf(name).template.spec.volumes ?? []);
    const claims = new Set(named.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []));
    expect([...claims]).toEqual(['centagate-provision-shared']);
    const claim = samples.find(({ manifest }) => manifest.metadata.name === 'centagate-provision-shared');
    expect(claim?.manifest['spec']).toMatchObject({ accessModes: ['ReadWriteMany'] });
  });

  it('is left by login where the shards find it, and logout ends it', () => {
    const argsOf = (name: string): readonly string[] =>
      specOf(name).template.spec.containers.flatMap(({ args = [], env = [] }) => [
        ...args,
        ...env.map(({ value = '' }) => value),
      ]);
    for (const name of ['-login', '-merge']) expect(argsOf(name)).toContain('/data/session');
    expect(argsOf('-shards')).toEqual(
      expect.arrayContaining(['/data/session/auth-token', '/data/session/secret-code']),
    );
  });
});

function codesOf({ podFailurePolicy }: JobSpec, action: string): readonly number[] {
  return (podFailurePolicy?.rules ?? [])
    .filter((rule) => rule.action === action)
    .flatMap(({ onExitCodes }) => onExitCodes.values);
}

/** A sample with one value put elsewhere, or anew. */
function changed(path: string, value: unknown): Manifest {
  const { text } = texts.find(({ file }) => file === 'job.yaml')!;
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
