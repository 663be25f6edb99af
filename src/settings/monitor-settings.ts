import type { Setting } from './setting-rule.js';

export const MONITOR_SETTINGS = {
  metricsFile: {
    flag: 'metrics-file',
    env: 'CENTAGATE_METRICS_FILE',
    kind: 'path',
    isWritten: true,
    group: 'monitoring',
    placeholder: 'file.prom',
    describe: 'keep how the run goes in this file, as Prometheus reads it: each 15 s and at the end',
  },
  terminationLog: {
    flag: 'termination-log',
    env: 'CENTAGATE_TERMINATION_LOG',
    kind: 'path',
    isWritten: true,
    group: 'monitoring',
    describe: 'how the run ended, as one line of JSON; left out: /dev/termination-log, where a cluster gives one',
  },
  ping: {
    flag: 'ping-file',
    env: 'CENTAGATE_PING',
    kind: 'secret',
    group: 'monitoring',
    describe: 'file with an address that is told of the start (POST …/start) and of the end (POST …/<exit code>)',
  },
  logFile: {
    flag: 'log-file',
    env: 'CENTAGATE_LOG_FILE',
    kind: 'path',
    isWritten: true,
    group: 'monitoring',
    describe: 'add the log to this file as well, as JSON lines, whatever the terminal shows',
    commands: ['run', 'undo'],
  },
  quiet: {
    flag: 'quiet',
    env: 'CENTAGATE_QUIET',
    kind: 'boolean',
    group: 'monitoring',
    describe: 'show warnings and the summary alone, and neither progress nor notes',
    commands: ['run', 'undo'],
  },
} as const satisfies Record<string, Setting>;
