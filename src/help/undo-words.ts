import { settingFlags } from './setting-help.js';

export const UNDO_WORDS = {
  describe: 'take back what this job registered, and nothing else',
  operand: {
    name: 'results',
    describe: 'the results of a run, such as users.results.csv',
    completes: 'files',
  },
  flags: () => settingFlags('undo'),
  examples: [
    ['undo users.results.csv --config job.yaml --dry-run', 'what would be undone, and nothing sent'],
    [
      'undo users.results.csv --config job.yaml --where Department=Sales',
      'asks for the number of people, then deactivates their tokens',
    ],
    ['undo users.results.csv --config job.yaml --how activate', 'makes valid again what was deactivated'],
    ['undo users.results.csv --config job.yaml --how unregister --yes --expect-rows 12', 'for good, and for a script'],
  ],
  notes: [
    'Only rows that a send of this job registered are undone: never already_registered, unknown or key_lost. What became of each stands in users.undo.results.csv; in users.results.csv an undone row is undone, and a later run leaves it so. Repeat the command to go on after whatever cut it off.',
    'An OTP row needs --otp-type, since no document says by which type a server takes back an offline OTP token. A PKI row is undone only while the server shows the certificate of this very row.',
  ],
} as const;
