import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EXIT_CODES, failuresToRepeat } from '../../src/core/exit-code.js';

/* What operators copy: a schedule of theirs repeats what a repetition may help, and nothing else. */

function readSample(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../samples', name), 'utf8');
}

/** Nobody presses Ctrl-C where there is no terminal. */
const withoutTerminal = (code: number): boolean => code !== EXIT_CODES.interrupted.code;

describe('the service of systemd', () => {
  const lines = readSample('systemd/centagate-provision.service').split('\n');
  const valueOf = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);

  it('is started again but after the exit codes that somebody must act on, a few times', () => {
    expect(valueOf('Restart')).toBe('on-failure');
    expect(valueOf('RestartPreventExitStatus')).toBe(failuresToRepeat(false).join(' '));
    expect(valueOf('SuccessExitStatus')).toBe(String(EXIT_CODES.terminated.code));
    expect(Number(valueOf('StartLimitBurst'))).toBeGreaterThan(1);
  });

  it('lets no crash write its memory to a file, and nobody else into its folder', () => {
    expect([valueOf('LimitCORE'), valueOf('StateDirectoryMode'), valueOf('UMask')]).toEqual(['0', '0700', '0077']);
  });
});

describe('the service of Docker Compose', () => {
  const text = readSample('compose.yaml');

  it('lets no crash write its memory to a file', () => {
    const { services } = parse(text) as { services: Record<string, { readonly ulimits: unknown }> };
    expect(Object.values(services).map(({ ulimits }) => ulimits)).toEqual([{ core: 0 }]);
  });

  it('starts nothing again, and says after which exit codes somebody may', () => {
    const { services } = parse(text) as { services: Record<string, { readonly restart: string }> };
    expect(Object.values(services).map(({ restart }) => restart)).toEqual(['no']);
    const said = (codes: readonly number[]): string =>
      `${codes.slice(0, -1).join(', ')} or ${codes.slice(-1).join('')}`;
    expect(text).toContain(`after ${said(failuresToRepeat(true).filter(withoutTerminal))} run it again`);
    expect(text).toContain(`after ${said(failuresToRepeat(false))} somebody acts first`);
  });
});

describe('the release', () => {
  interface Step {
    readonly uses?: string;
    readonly run?: string;
  }
  const text = readSample('release/github.yaml');
  const { jobs } = parse(text) as {
    jobs: Record<string, { readonly steps: readonly Step[]; readonly strategy?: { matrix: { node: string[] } } }>;
  };
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  it('takes the actions of others by their commit alone, and runs no script of a package', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/);
    for (const { run = '' } of steps) if (run.includes('npm ci')) expect(run).toContain('--ignore-scripts');
    expect(steps.map(({ run }) => run)).toContain('npm audit signatures');
  });

  it('looks for known weaknesses in what is bundled too, which is for development to npm', () => {
    expect(steps.map(({ run }) => run)).toContain('npm audit');
  });

  it('is tested on the oldest Node.js that package.json supports, and on the newer ones', () => {
    const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      engines: { node: string };
    };
    expect(engines.node).toContain(`^${jobs['test']?.strategy?.matrix.node[0] ?? ''}.0`);
    expect(jobs['test']?.strategy?.matrix.node.slice(1)).toEqual(['22', '24']);
  });
});

describe('the image', () => {
  it('has a folder for the files that is its user’s alone', () => {
    const dockerfile = readFileSync(join(import.meta.dirname, '../../Dockerfile'), 'utf8');
    expect(dockerfile).toContain('chown 1000:1000 /image/data; chmod 700 /image/data');
  });
});
