/** What a line of the log is about. Programs that read logs go by these names: none of them ever means something else. */
export const LOG_EVENTS = {
  setting: 'a setting that is odd',
  lock: 'who had the input, or has the administrator',
  killed_run: 'an earlier run that was cut off, and how it is gone on with',
  unchanged: 'nothing has changed since the last run',
  input: 'sheet, hidden rows and columns of the input',
  row: 'something odd about a row: `line` and `kind` name it, as in the warnings of the summary',
  keys: 'the keys file, or a key that is odd',
  file_system: 'what the file system lacks',
  clock: "this machine's clock beside the server's",
  server: 'an odd answer to the look before the first row, and connections whose answers prove nothing',
  session: 'a login, and waiting for the server meanwhile',
  pace: 'how many at a time; the server away and back',
  window: 'the oldest unfinished row holds up the others',
  signal: 'a signal, and what is waited for',
  monitor: 'metrics, termination log or ping that could not be told',
  folded: 'further messages of a kind are only counted, and how many they were',
  progress: 'how far the run is: `rows`, `sends`, `outcomes`, `rows_per_second`, `left_s`',
} as const;
export type LogEvent = keyof typeof LOG_EVENTS;

/** What a line of the log has beside level, time, event and text. */
export interface LogFields {
  /** In the first input. */
  readonly line?: number;
  /** Of the warning. */
  readonly kind?: string;
}
