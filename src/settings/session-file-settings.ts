import type { Setting } from './setting-rule.js';

export const SESSION_FILE_SETTINGS = {
  sessionOut: {
    flag: 'out',
    kind: 'path',
    group: 'session',
    placeholder: 'folder',
    describe: 'the folder that the two files of the session go into, auth-token and secret-code; it is made if need be',
    commands: ['login'],
    common: ['login'],
  },
  kubernetesSecret: {
    flag: 'kubernetes-secret',
    kind: 'string',
    pattern: /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
    needs: 'a name as Kubernetes takes it: small letters, digits, - and .',
    group: 'session',
    placeholder: 'name',
    describe: 'print the session as the manifest of a Secret of this name, for kubectl, instead of writing files',
    commands: ['login'],
    common: ['login'],
  },
  sessionFolder: {
    flag: 'session',
    kind: 'path',
    group: 'session',
    placeholder: 'folder',
    describe: 'the folder that login --out wrote: its session is ended, and its two files are removed',
    commands: ['logout'],
    common: ['logout'],
  },
} as const satisfies Record<string, Setting>;
