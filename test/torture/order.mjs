import { join } from 'node:path';
import { FILES } from './stem-files.mjs';

/** Milliseconds that the server's clock rounds off. */
const ROUNDED_MS = 1;

/**
 * What SIGKILL can't show and a power cut would: whether what a step relies on is on the disk before the step is taken. Reads
 * the log of `strace -f -ttt -T -y -s 4096` over one run. Times are epoch milliseconds.
 */
export function findUnsynced(log, { folder, sends, hadKeys }) {
  const calls = parseCalls(log);
  const problems = [];
  const path = (name) => join(folder, FILES[name]);
  const writes = (file) => calls.filter(({ call, args }) => call === 'write' && args.includes(`<${file}>`));
  /** When what was written to the file at `from` is on the disk. */
  const syncedAt = (file, from) => {
    const isSync = ({ call, args, start }) => /sync$/.test(call) && args.includes(`<${file}>`) && start >= from;
    return Math.min(...calls.filter(isSync).map(({ end }) => end));
  };

  const seen = new Map();
  for (const { tokenType, username, at } of sends) {
    const key = `${tokenType}:${username}`;
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const marks = [`"type":"intent"`, `"key":${JSON.stringify(key)},`].map(inStrace);
    const intent = writes(path('journal')).filter(({ args }) => marks.every((mark) => args.includes(mark)))[nth];
    if (intent === undefined || syncedAt(path('journal'), intent.end) > at + ROUNDED_MS) {
      problems.push(`${key}: send ${nth + 1} came before its intent was on the disk`);
    }
  }
  for (const { start, args } of writes(path('journal'))) {
    if (!args.includes(inStrace('"type":"settled"')) || !args.includes(inStrace('"outcome":"registered"'))) continue;
    const [, key = ''] = /\\"key\\":\\"otp:(.*?)\\",\\"settlement/.exec(args) ?? [];
    const saved = writes(path('keys')).find((write) => key !== '' && write.args.includes(`${key},`));
    if (saved !== undefined && syncedAt(path('keys'), saved.end) > start) {
      problems.push(`${key}: settled before its key was on the disk`);
    }
  }
  for (const { start, end, args } of calls.filter(({ call }) => call === 'rename')) {
    const [, from = '', to = ''] = /"(.*)", "(.*)"/.exec(args) ?? [];
    const last = writes(from).findLast((write) => write.end <= start);
    if (last !== undefined && syncedAt(from, last.end) > start) problems.push(`${to} was put in place unsynced`);
    if (syncedAt(folder, end) === Infinity) problems.push(`the renaming of ${to} was not synced`);
    if (to === path('results') && hadKeys && syncedAt(path('keys'), 0) > start) {
      problems.push('the results tell of keys that an earlier run has written and nobody synced');
    }
  }
  return problems;
}

/** Calls that came back well, with the arguments as strace shows them. */
function parseCalls(log) {
  const calls = [];
  const unfinished = new Map();
  for (const line of log.split('\n')) {
    const [, thread, time, rest] = /^(\d+) +(\d+\.\d+) (.*)$/.exec(line) ?? [];
    if (rest === undefined) continue;
    const [, resumed, tail] = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest) ?? [];
    const begun = resumed === undefined ? { start: Number(time) * 1000, text: rest } : unfinished.get(thread);
    if (begun === undefined) continue;
    const text = resumed === undefined ? rest : begun.text + tail;
    if (text.endsWith('<unfinished ...>')) {
      unfinished.set(thread, { start: begun.start, text: text.slice(0, -'<unfinished ...>'.length) });
      continue;
    }
    const [, call, args, result, seconds] = /^(\w+)\((.*)\) += (-?\d+).*<([\d.]+)>$/.exec(text) ?? [];
    if (call === undefined || Number(result) < 0) continue;
    calls.push({ call, args, start: begun.start, end: begun.start + Number(seconds) * 1000 });
  }
  return calls;
}

/** As strace quotes it. */
function inStrace(text) {
  const bytes = [...Buffer.from(text)];
  const quote = (byte) =>
    byte === 0x22
      ? '\\"'
      : byte === 0x5c
        ? '\\\\'
        : byte < 0x20 || byte > 0x7e
          ? `\\${byte.toString(8)}`
          : String.fromCharCode(byte);
  return bytes.map(quote).join('');
}
