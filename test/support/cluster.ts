import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Pod } from 'kubernetes-models/v1/Pod';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { parseArguments } from '../../src/cli/arguments.js';
import { EXIT_CODES, failuresToRepeat } from '../../src/core/exit-code.js';
import { SETTINGS } from '../../src/settings/setting.js';
import type { Setting } from '../../src/settings/setting-rule.js';
import { environmentOf } from '../../src/settings/setting-rule.js';
import { REPOSITORY } from './document.js';

/* What a cluster takes of a manifest: what its schemas say, what it refuses all the same, and what only shows in a pod. */

/** A document of YAML. */
export type Manifest = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly metadata: { name: string };
};

export interface PodSpec {
  readonly restartPolicy?: string;
  readonly terminationGracePeriodSeconds?: number;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef?: { name: string }; readonly secretRef?: { name: string } }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly secret?: { readonly secretName: string };
  readonly configMap?: { readonly name: string };
  readonly emptyDir?: object;
}

export interface JobSpec {
  readonly completionMode?: string;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly backoffLimit?: number;
  readonly backoffLimitPerIndex?: number;
  readonly maxFailedIndexes?: number;
  readonly podFailurePolicy?: { readonly rules: readonly FailureRule[] };
  readonly template: { readonly spec: PodSpec };
}

export interface FailureRule {
  readonly action: string;
  readonly onExitCodes: {
    readonly containerName?: string;
    readonly operator: string;
    readonly values: readonly number[];
  };
}

const MODELS = { ConfigMap, PersistentVolumeClaim, Pod, CronJob, Job };

/** What no schema of the kind takes, and every key that none of them asks for: most likely it is misspelt. */
export function schemaProblems({ ...manifest }: Manifest): string[] {
  if (!Object.hasOwn(MODELS, manifest.kind)) return [`${manifest.kind}: no kind that is known`];
  const unread = new Set<string>();
  const model = new MODELS[manifest.kind as keyof typeof MODELS]();
  for (const [key, value] of Object.entries(manifest)) Object.assign(model, { [key]: watched(value, key, unread) });
  try {
    model.validate();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [...unread].map((path) => `${path}: no schema has it`);
}

/** The same value; a key stays in `unread` until it is asked for. */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each, at) => watched(each, `${path}/${at}`, unread));
  const copy = {};
  for (const [key, inner] of Object.entries(value)) {
    const at = `${path}/${key}`;
    unread.add(at);
    const kept = watched(inner, at, unread);
    Object.defineProperty(copy, key, { enumerable: true, get: () => (unread.delete(at), kept) });
  }
  return copy;
}

export function jobSpecOf(manifest: Manifest): JobSpec | undefined {
  // As the schemas have them by then.
  if (manifest.kind === 'Job') return manifest['spec'] as JobSpec;
  if (manifest.kind === 'CronJob') return (manifest['spec'] as { jobTemplate: { spec: JobSpec } }).jobTemplate.spec;
  return undefined;
}

/** What the API server refuses of a job although its schema is kept (its validation, and KEP-3329 and KEP-3850). */
export function jobProblems(spec: JobSpec): string[] {
  const {
    completionMode,
    completions,
    parallelism = 1,
    backoffLimitPerIndex,
    maxFailedIndexes,
    podFailurePolicy,
  } = spec;
  const { restartPolicy, containers, initContainers = [] } = spec.template.spec;
  const isIndexed = completionMode === 'Indexed';
  const names = [...containers, ...initContainers].map(({ name }) => name);
  const problems: string[] = [];
  const need = (isKept: boolean, what: string): void => {
    if (!isKept) problems.push(what);
  };
  need(restartPolicy === 'Never' || restartPolicy === 'OnFailure', 'a job starts no pod anew that ended well');
  need(podFailurePolicy === undefined || restartPolicy === 'Never', 'podFailurePolicy needs restartPolicy Never');
  need(backoffLimitPerIndex === undefined || isIndexed, 'backoffLimitPerIndex needs completionMode Indexed');
  need(
    backoffLimitPerIndex === undefined || restartPolicy === 'Never',
    'backoffLimitPerIndex needs restartPolicy Never',
  );
  need(!isIndexed || completions !== undefined, 'completionMode Indexed needs completions');
  need(
    maxFailedIndexes === undefined || backoffLimitPerIndex !== undefined,
    'maxFailedIndexes needs backoffLimitPerIndex',
  );
  need((maxFailedIndexes ?? 0) <= (completions ?? 1), 'maxFailedIndexes is more than there are');
  need(parallelism <= (completions ?? 1), 'parallelism is more than there is to do');
  for (const { action, onExitCodes } of podFailurePolicy?.rules ?? []) {
    const { containerName, operator, values } = onExitCodes;
    need(containerName === undefined || names.includes(containerName), `no container is called ${containerName ?? ''}`);
    need(operator !== 'In' || !values.includes(0), '0 is no failure');
    const sorted = [...new Set(values)].sort((one, other) => one - other);
    need(values.length > 0 && sorted.join() === values.join(), 'exit codes are in order, each once');
    need(action !== 'FailIndex' || backoffLimitPerIndex !== undefined, 'FailIndex needs backoffLimitPerIndex');
  }
  return problems;
}

/** What is there by name: by a manifest, or as the words above them say. */
export interface Things {
  readonly claims: readonly string[];
  readonly configMaps: readonly string[];
  /** Their keys. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
}

/** A file of samples, and what stands in it. */
export interface ManifestFile {
  readonly file: string;
  readonly text: string;
  readonly manifests: readonly Manifest[];
}

export function readManifests(folder: string): readonly ManifestFile[] {
  const path = join(REPOSITORY, 'samples', folder);
  return readdirSync(path).map((file) => {
    const text = readFileSync(join(path, file), 'utf8');
    // Our own; the schemas look at it first of all.
    return { file, text, manifests: parseAllDocuments(text).map((document) => document.toJS() as Manifest) };
  });
}

/** Secrets are made by hand, as the head of a file says: by which name, from which files. */
export function thingsIn(files: readonly ManifestFile[]): Things {
  const all = files.flatMap(({ manifests }) => manifests);
  const namesOf = (kind: string): string[] =>
    all.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);
  const lines = files.map(({ text }) => text.replaceAll(/\\?\n#/g, ' ')).join('\n');
  const told = lines.matchAll(/kubectl create secret generic (\S+)((?:\s+--from-file=\S+)+)/g);
  const secrets = [...told].map(([, name = '', from = '']) => {
    return [name, [...from.matchAll(/--from-file=(\S+)/g)].map(([, file = '']) => file)] as const;
  });
  return {
    claims: namesOf('PersistentVolumeClaim'),
    configMaps: namesOf('ConfigMap'),
    secrets: Object.fromEntries(secrets),
  };
}

export const VARIABLES: ReadonlySet<string> = new Set([
  'CENTAGATE_SHARDS',
  ...Object.values<Setting>(SETTINGS).flatMap((setting) => environmentOf(setting)),
]);

/** What would show when the pod is there: names that nothing has, and commands that the program does not take. */
export async function podProblems(spec: PodSpec, things: Things): Promise<string[]> {
  const { containers, initContainers = [], volumes = [], terminationGracePeriodSeconds: graceSeconds = 30 } = spec;
  const problems = volumes.flatMap((volume) => volumeProblems(volume, things));
  if (graceSeconds <= 20) problems.push('a run takes up to 20 s to end');
  const mounted = new Set<string>();
  for (const { name, args = [], env = [], envFrom = [], volumeMounts = [] } of [...initContainers, ...containers]) {
    for (const mount of volumeMounts) {
      mounted.add(mount.name);
      if (!volumes.some((volume) => volume.name === mount.name)) problems.push(`${name}: no volume ${mount.name}`);
    }
    for (const { configMapRef } of envFrom) {
      if (!things.configMaps.includes(configMapRef?.name ?? '')) problems.push(`${name}: no such config map`);
    }
    for (const variable of env) {
      if (!VARIABLES.has(variable.name)) problems.push(`${name}: no variable ${variable.name}`);
      const secret = volumes.find(({ name: of }) =>
        volumeMounts.some((mount) => mount.name === of && isUnder(variable.value, mount.mountPath)),
      )?.secret;
      const keys = things.secrets[secret?.secretName ?? ''] ?? [];
      const key = variable.value?.split('/').at(-1) ?? '';
      if (secret !== undefined && !keys.includes(key)) problems.push(`${name}: ${secret.secretName} has no ${key}`);
    }
    await parseArguments(args).catch((error: unknown) => problems.push(`${name}: ${String(error)}`));
  }
  return [
    ...problems,
    ...volumes.filter(({ name }) => !mounted.has(name)).map(({ name }) => `${name} is mounted nowhere`),
  ];
}

function isUnder(path: string | undefined, folder: string): boolean {
  return path?.startsWith(`${folder}/`) === true;
}

function volumeProblems(
  { name, persistentVolumeClaim, secret, configMap, emptyDir }: Volume,
  things: Things,
): string[] {
  const { claims, secrets, configMaps } = things;
  if (persistentVolumeClaim && !claims.includes(persistentVolumeClaim.claimName)) return [`${name}: no such claim`];
  if (secret && !Object.hasOwn(secrets, secret.secretName)) return [`${name}: no such secret`];
  if (configMap && !configMaps.includes(configMap.name)) return [`${name}: no such config map`];
  // It is gone with its pod, and the keys of a run with it.
  return emptyDir !== undefined && name !== 'tmp' ? [`${name}: what is to stay is in no emptyDir`] : [];
}

/** What becomes of a pod that ends with each exit code: nobody presses Ctrl-C where there is no terminal. */
export const CODES_TO_REPEAT = failuresToRepeat(true).filter((code) => code !== EXIT_CODES.interrupted.code);
