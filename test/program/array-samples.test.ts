import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.js';
import {
  CODES_TO_REPEAT,
  podProblems,
  readManifests,
  schemaProblems,
  thingsIn,
  VARIABLES,
} from '../support/cluster.js';
import type { Container, Manifest, PodSpec } from '../support/cluster.js';
import { readDocument, REPOSITORY } from '../support/document.js';
import { failuresToRepeat } from '../../src/core/exit-code.js';

/* What operators copy to schedulers whose tasks share a session: neither is at hand here, so what can be known is held. */

/** Of what the kernel kills, such as for its memory. */
const KILLED = 137;

describe('the workflow of Argo', () => {
  interface Template {
    readonly name: string;
    readonly inputs?: { readonly parameters: readonly { readonly name: string }[] };
    readonly retryStrategy?: { readonly limit: string; readonly expression: string };
    readonly container?: Container & { readonly command: readonly string[] };
    readonly dag?: { readonly tasks: readonly Task[] };
  }
  interface Task {
    readonly name: string;
    readonly template: string;
    readonly depends?: string;
    readonly arguments?: { readonly parameters: readonly { readonly name: string }[] };
  }
  interface Workflow extends Pick<PodSpec, 'volumes'> {
    readonly entrypoint: string;
    readonly onExit: string;
    readonly arguments: { readonly parameters: readonly { readonly name: string; readonly value: string }[] };
    readonly securityContext: object;
    readonly templates: readonly Template[];
  }
  const [file] = readManifests('argo');
  // As it stands in the file: no schema of it is at hand.
  const workflow = file!.manifests[0]!['spec'] as Workflow;
  const { templates, volumes = [] } = workflow;
  const names = templates.map(({ name }) => name);
  const tasks = templates.flatMap(({ dag }) => dag?.tasks ?? []);
  const withContainer = templates.flatMap(({ container, ...template }) =>
    container === undefined ? [] : [{ ...template, container }],
  );

  it('names templates, tasks and parameters that are there', () => {
    expect(names).toEqual(expect.arrayContaining([workflow.entrypoint, workflow.onExit]));
    for (const { template, depends = '', arguments: given } of tasks) {
      expect(names).toContain(template);
      const needed = [...depends.matchAll(/(\w+)\.(Succeeded|Failed)/g)].map(([, task]) => task);
      expect(tasks.map(({ name }) => name)).toEqual(expect.arrayContaining(needed));
      const inputs = templates.find(({ name }) => name === template)?.inputs?.parameters ?? [];
      expect(given?.parameters.map(({ name }) => name) ?? []).toEqual(inputs.map(({ name }) => name));
    }
    const declared = workflow.arguments.parameters.map(({ name }) => `workflow.parameters.${name}`);
    const used = [...file!.text.matchAll(/\{\{(workflow\.[^}]+)\}\}/g)].map(([, name]) => name);
    expect(declared).toEqual(expect.arrayContaining(used));
  });

  it.each(withContainer)('makes a pod for $name that a cluster takes', async ({ container }) => {
    const values: Record<string, string> = { 'inputs.parameters.index': '0' };
    for (const { name, value } of workflow.arguments.parameters) values[`workflow.parameters.${name}`] = value;
    const args = container.args?.map((word) =>
      word.replaceAll(/\{\{([^}]+)\}\}/g, (_, name: string) => values[name] ?? '?'),
    );
    const mounted = container.volumeMounts?.map(({ name }) => name) ?? [];
    const own = volumes.filter(({ name }) => mounted.includes(name));
    const { securityContext } = workflow;
    const spec = { securityContext, containers: [{ ...container, name: 'main', args }], volumes: own };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec };
    expect(schemaProblems(pod as Manifest)).toEqual([]);
    const things = thingsIn([...readManifests('kubernetes'), file!]);
    expect(await podProblems(spec as PodSpec, things)).toEqual([]);
    expect(readDocument('Dockerfile')).toContain(
      `ENTRYPOINT ${JSON.stringify(container.command).replaceAll(',', ', ')}`,
    );
  });

  it.each(withContainer)('starts $name again where a repetition may help, a few times', ({ name, retryStrategy }) => {
    const [, codes = ''] = /lastRetry\.exitCode\) in \[(.*)\]/.exec(retryStrategy?.expression ?? '') ?? [];
    const repeated = codes.split(', ').map(Number);
    for (const code of failuresToRepeat(false)) expect(repeated).not.toContain(code);
    if (name === 'shard') expect(repeated).toEqual([...CODES_TO_REPEAT, KILLED].sort((one, other) => one - other));
    expect(Number(retryStrategy?.limit)).toBeGreaterThan(0);
  });
});

describe('the scripts of Slurm', () => {
  const folder = join(REPOSITORY, 'samples/slurm');
  const scripts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const jobs = scripts.filter(({ name }) => name.endsWith('.sbatch'));
  const shards = jobs.find(({ name }) => name === 'shards.sbatch')!.text;

  it.skipIf(process.platform === 'win32').each(scripts)('$name is one that bash reads', ({ text }) => {
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  it.each(jobs)('$name types what the program takes, and hands it no secret of whoever submits', async ({ text }) => {
    const lines = text.replaceAll('\\\n', ' ').matchAll(/^[^#\n]*\bcentagate-provision (.*)$/gm);
    const typed = [...lines].map(([, words = '']) => words.replaceAll('"', '').split(/\s+/));
    expect(typed.length).toBeGreaterThan(0);
    for (const words of typed) await parseArguments(words);
    expect(text).toContain('\n#SBATCH --export=NONE\n');
  });

  it('puts a task back where a repetition may help, and after a kill, a few times', () => {
    const [, codes = ''] = /\n {2}([\d| ]+)\)\n/.exec(shards) ?? [];
    const expected = [...failuresToRepeat(true), KILLED].sort((one, other) => one - other);
    expect(codes.split(' | ').map(Number)).toEqual(expected);
    expect(shards).toContain('"${SLURM_RESTART_COUNT:-0}" -lt 3');
    expect(shards).toMatch(/#SBATCH --requeue\n/);
  });

  it('has settings that the program reads, and no secret', () => {
    const { text } = scripts.find(({ name }) => name === 'settings.sh')!;
    const exported = [...text.matchAll(/^export (\w+)=/gm)].map(([, name = '']) => name);
    expect(exported.length).toBeGreaterThan(4);
    for (const name of exported) expect(VARIABLES).toContain(name);
    for (const name of exported) expect(name).not.toMatch(/(?:PASSWORD|KEY|SECRET|TOKEN|CODE)$/);
  });
});
