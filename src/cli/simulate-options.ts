import type { Options } from 'yargs';

export const SIMULATE_OPTIONS = {
  port: { type: 'string', describe: 'port on 127.0.0.1 (default: a free one)' },
  https: { type: 'boolean', describe: 'speak https, with --cert and --key or a certificate made for the occasion' },
  cert: { type: 'string', describe: 'certificate for --https, as PEM' },
  key: { type: 'string', describe: 'its private key, as PEM' },
  users: {
    type: 'string',
    describe: 'CSV of users: username,active,has_otp,has_certificate (default: everybody is known)',
  },
  admin: { type: 'string', describe: 'the administrator (default: admin)' },
  'session-ttl': { type: 'string', describe: 'seconds after which a session is over' },
  'session-requests': { type: 'string', describe: 'calls after which a session is over' },
  'step-up': { type: 'boolean', describe: 'each login asks the administrator for a second factor' },
  'password-expired': { type: 'boolean', describe: "the administrator's password has expired" },
  latency: { type: 'string', describe: 'ms before each answer' },
  'clock-offset': { type: 'string', describe: "seconds that the server's clock is ahead; negative: behind" },
  'clock-jump': {
    type: 'string',
    describe: 'a jump of that clock by 600 s after the first 100 sends: 600@100; -600@100 is one back',
  },
  'timestamp-unit': {
    type: 'string',
    choices: ['ms', 's'],
    describe: 'unit of the timestamp that it takes (default: ms)',
  },
  fault: { type: 'string', array: true, nargs: 1, describe: 'a fault with its share, such as 10004=0.02; repeatable' },
  'limit-rate': {
    type: 'string',
    describe: 'requests a second that are handled, the others get 429; 50:2 adds a Retry-After of 2 s',
  },
  down: {
    type: 'string',
    array: true,
    nargs: 1,
    describe:
      'refuse connections from 10 s to 70 s after the start: 10-70; 10-70:503 answers a page instead; repeatable',
  },
  seed: { type: 'string', describe: 'the same seed draws the same faults and keys' },
} as const satisfies Record<string, Options>;
