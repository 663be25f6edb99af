import { NAMED_FAULTS } from '../simulator/fault.js';
import type { Completes, FlagWords } from './flag-words.js';

interface Words {
  readonly describe: string;
  readonly placeholder?: string;
  readonly completes?: Completes;
  readonly isRepeatable?: true;
  readonly isCommon?: true;
}

const files = { kind: 'files' } as const;

export const SIMULATE_OPTIONS = {
  port: { placeholder: 'port', describe: 'port on 127.0.0.1 (default: a free one)', isCommon: true },
  https: { describe: 'speak https, with --cert and --key or a certificate made for the occasion', isCommon: true },
  cert: { placeholder: 'file', completes: files, describe: 'certificate for --https, as PEM' },
  key: { placeholder: 'file', completes: files, describe: 'its private key, as PEM' },
  users: {
    placeholder: 'file',
    completes: files,
    describe: 'CSV of users: username,active,has_otp,has_certificate (default: everybody is known)',
    isCommon: true,
  },
  admin: { placeholder: 'username', describe: 'the administrator (default: admin)' },
  'session-ttl': { placeholder: 'seconds', describe: 'seconds after which a session is over' },
  'session-requests': { placeholder: 'N', describe: 'calls after which a session is over' },
  'step-up': { describe: 'each login asks the administrator for a second factor' },
  'password-expired': { describe: "the administrator's password has expired" },
  latency: { placeholder: 'ms', describe: 'ms before each answer', isCommon: true },
  'clock-offset': {
    placeholder: 'seconds',
    describe: "seconds that the server's clock is ahead; negative: behind",
  },
  'clock-jump': {
    placeholder: 'seconds@sends',
    describe: 'a jump of that clock by 600 s after the first 100 sends: 600@100; -600@100 is one back',
  },
  'timestamp-unit': {
    placeholder: 'ms|s',
    completes: { kind: 'words', words: ['ms', 's'] },
    describe: 'unit of the timestamp that it takes (default: ms)',
  },
  fault: {
    placeholder: 'kind=share',
    completes: { kind: 'words', words: Object.keys(NAMED_FAULTS).map((kind) => `${kind}=`) },
    describe: 'a fault with its share, such as 10004=0.02; repeatable',
    isRepeatable: true,
    isCommon: true,
  },
  'limit-rate': {
    placeholder: 'rate[:seconds]',
    describe: 'requests a second that are handled, the others get 429; 50:2 adds a Retry-After of 2 s',
    isCommon: true,
  },
  down: {
    placeholder: 'from-to[:503]',
    describe:
      'refuse connections from 10 s to 70 s after the start: 10-70; 10-70:503 answers a page instead; repeatable',
    isRepeatable: true,
    isCommon: true,
  },
  'otp-type': {
    placeholder: 'N',
    describe: 'by which type it takes back an offline OTP token (default: by none, as no document says)',
  },
  seed: { placeholder: 'N', describe: 'the same seed draws the same faults and keys', isCommon: true },
} as const satisfies Record<string, Words>;

const NOTHING: Completes = { kind: 'nothing' };

export const simulateFlags: readonly FlagWords[] = Object.entries<Words>(SIMULATE_OPTIONS).map(([flag, words]) => ({
  ...words,
  flag,
  group: 'The simulator',
  environment: [],
  isNeeded: false,
  isCommon: words.isCommon === true,
  isRepeatable: words.isRepeatable === true,
  completes: words.completes ?? NOTHING,
}));
