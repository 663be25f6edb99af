import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The rooms of src, each above all that it may import (docs/architecture.md): from what everybody knows up to the commands.
 * What stands beside a name says what the room is about.
 */
export const ROOMS = {
  core: 'what everybody knows: errors, clock, safe text, stem, stop',
  workbook: 'the bytes of a workbook to the cells of a sheet',
  input: 'header, columns, dialect, encoding; the CSV and workbook readers',
  row: 'cells to a registration, a reply to a decision and a settlement; return codes, outcomes',
  signature: 'PKCS#7: read, judged, fingerprinted; its files and threads',
  network: 'how a connection comes about: names, proxies, trust, and what its errors mean',
  server: 'one call of CENTAGATE: its body, its exchange, its reply, the clock, the HTTP client',
  report: 'what a run did, counted',
  disk: 'files and folders of this user alone: opened, synced, renamed, kept from others',
  record: 'what a run leaves: journal, keys, lock, results, summary',
  manifest: 'what proves a run afterwards: totals, digests, their chain',
  plan: 'input and history to what is left to do',
  gate: 'who may send when: session, turns, pace',
  batch: 'the story: a run, a row, the slots',
  checks: 'what looks and registers nothing: validate, verify, doctor',
  monitor: 'what machines are told of a run: metrics, last words, pings',
  handout: 'activation keys to those who hand them out: which, in which form, noted where',
  session: 'a session made for others: its two files, its Secret',
  schema: 'what programs read of us: JSON schemas of it',
  settings: 'flag over environment over file; secrets',
  help: 'what can be typed, told as help, man page and completion',
  page: 'what the files of a run say, as a page and as a mail',
  cli: 'words in and out',
  wiring: 'from settings to open edges, and through a job',
  shards: 'parts of an input that run side by side, and the whole that they come to',
  undo: 'what takes back what a job registered, from what is asked to its files',
  commands: 'one file a command',
};

/** The files that touch the world, and what each touches there; all others are pure, or hold only what they are given. */
export const EDGES = {
  'core/lost-reader.ts': 'process',
  'core/same-file.ts': 'disk',
  'core/small-file.ts': 'disk',
  'core/system-clock.ts': 'time, timers, chance',
  'input/input-bytes.ts': 'disk',
  'input/input-text.ts': 'disk',
  'input/workbook.ts': 'disk',
  'signature/regular-file.ts': 'disk',
  'signature/shared-signature-reader.ts': 'number of cores',
  'signature/signature-file.ts': 'disk',
  'signature/signature-thread.ts': 'threads',
  'signature/signature-threads.ts': 'threads',
  'network/connection.ts': 'network',
  'network/connector.ts': 'network',
  'network/no-proxy.ts': 'network masks',
  'network/shared-lookup.ts': 'network',
  'network/trust.ts': 'roots, process',
  'network/tunnels.ts': 'network',
  'network/undici-parts.ts': 'network',
  'network/wire.ts': 'network',
  'server/garbage.ts': 'memory',
  'server/http-client.ts': 'network',
  'server/running-exchange.ts': 'network',
  'server/tls-port.ts': 'network',
  'disk/file-system.ts': 'disk, process',
  'disk/own-file.ts': 'disk, process',
  'disk/private-folder.ts': 'disk, host, process',
  'disk/shared-folder.ts': 'disk, process',
  'record/durable-file.ts': 'disk, timers',
  'record/journal.ts': 'disk',
  'record/keys-file.ts': 'disk',
  'record/key-reader.ts': 'disk',
  'record/lock-file.ts': 'disk',
  'record/lock.ts': 'disk',
  'record/old-files.ts': 'disk',
  'record/process-identity.ts': 'disk, host, process',
  'record/replaced-file.ts': 'disk',
  'record/reserve.ts': 'disk',
  'record/run-journal.ts': 'disk',
  'record/summary-file.ts': 'disk',
  'manifest/attempt-log.ts': 'disk',
  'manifest/manifest-file.ts': 'disk',
  'manifest/round-file.ts': 'disk',
  'batch/bugs.ts': 'process',
  'batch/each-concurrently.ts': 'timers',
  'checks/machine.ts': 'disk',
  'checks/path-probe.ts': 'network',
  'monitor/monitor-files.ts': 'disk',
  'handout/ledger-file.ts': 'disk',
  'session/session-files.ts': 'disk',
  'settings/secret.ts': 'disk, process',
  'settings/settings.ts': 'process',
  'help/version.ts': 'disk',
  'cli/log-reporter.ts': 'standard error',
  'cli/terminal-reporter.ts': 'terminal',
  'wiring/audit-files.ts': 'disk',
  'wiring/audit-job.ts': 'disk',
  'wiring/complete-killed-run.ts': 'disk',
  'wiring/hand-out-job.ts': 'disk',
  'wiring/file-limit.ts': 'disk',
  'wiring/job.ts': 'disk',
  'wiring/report-job.ts': 'disk',
  'wiring/run-job.ts': 'disk',
  'wiring/run-proof.ts': 'disk',
  'wiring/signals.ts': 'process',
  'wiring/stem-state.ts': 'disk',
  'wiring/validate-job.ts': 'disk',
  'wiring/write-rows.ts': 'disk',
  'shards/enter-round.ts': 'disk',
  'shards/history.ts': 'disk',
  'shards/left-shard.ts': 'disk',
  'shards/merge-job.ts': 'disk',
  'shards/merge-keys.ts': 'disk',
  'undo/as-left.ts': 'disk',
  'undo/sent-signatures.ts': 'disk',
  'undo/undo-job.ts': 'disk',
  'undo/undone-rows.ts': 'disk',
  'commands/answer-shell.ts': 'host',
  'commands/start-simulation.ts': 'disk, host',
};

const WORLD =
  /^node:(fs|net|tls|dns|http|https|timers|worker_threads|child_process|os|v8|vm)(\/|$)|^(undici|pino|cli-progress)(\/|$)/;
const notAnEdge = 'this file is not on the list of edges in eslint.config.js: let an edge hand it what it needs';

const imports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });
const world = { regex: WORLD.source, message: notAnEdge };

/** A room imports itself and the rooms below it. */
const roomRules = Object.keys(ROOMS).flatMap((room, at, rooms) => {
  // The other side is started by its command alone; help tells what faults it has.
  const simulator = room === 'help' ? 'simulator/(?!fault\\.js$)' : 'simulator/';
  const above = rooms.slice(at + 1).map((name) => `${name}/`);
  const upwards = {
    regex: `/(${[...above, simulator].join('|')})|/(main|bin)\\.js$`,
    message: `${room} is below that room: see the order in eslint.config.js`,
  };
  const arrows = room === 'commands' ? { regex: '/(main|bin)\\.js$', message: 'nothing imports main' } : upwards;
  const edges = Object.keys(EDGES).filter((file) => file.startsWith(`${room}/`));
  return [
    { files: [`src/${room}/**`], rules: imports(arrows, world) },
    ...(edges.length > 0 ? [{ files: edges.map((file) => `src/${file}`), rules: imports(arrows) }] : []),
  ];
});

const GLOBALS = ['process', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'fetch'];

export default defineConfig(
  { ignores: ['dist', 'coverage', 'demo'] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['test/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      'no-console': 'error',
    },
  },
  ...roomRules,
  {
    files: ['src/**'],
    ignores: ['src/{main,bin}.ts', 'src/simulator/**', ...Object.keys(EDGES).map((file) => `src/${file}`)],
    rules: {
      'no-restricted-globals': ['error', ...GLOBALS.map((name) => ({ name, message: notAnEdge }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: notAnEdge },
        { object: 'Math', property: 'random', message: notAnEdge },
      ],
    },
  },
  {
    files: ['src/simulator/**'],
    rules: imports({
      regex: '^\\.\\./(?!core/|row/|server/)|/(main|bin)\\.js$',
      message: 'the simulator judges the client: it shares only tables',
    }),
  },
  {
    files: ['test/**'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', Buffer: 'readonly', URL: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
);
