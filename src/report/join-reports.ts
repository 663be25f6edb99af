import { sum, sumCounts } from './counts.js';
import { MAX_RUNS, tellHistory, withLast } from './run-report.js';
import type { RunReport, SettingsReport } from './run-report.js';

/** The runs of all shards, behind those of the whole before them; times of shards that ran side by side count once. */
export function joinReports(before: RunReport | undefined, shards: readonly RunReport[]): RunReport {
  const [last, ...others] = [...shards].sort((one, other) => (one.started_at < other.started_at ? 1 : -1));
  if (last === undefined) throw new Error('a round has a shard at least');
  const earlier = [...last.runs, ...others.flatMap(withLast)];
  const runs = [...earlier].sort((one, other) => (one.started_at < other.started_at ? -1 : 1));
  const firsts = shards.map(({ history }) => history.first_started_at).sort();
  const ends = shards.map(({ ended_at }) => Date.parse(ended_at));
  const [first = last.started_at] = firsts;
  const past = before && tellHistory(before);
  const all = [...(past === undefined ? [] : [past]), ...shards.map(({ history }) => history)];
  return {
    ...last,
    runs: [...(before === undefined ? [] : withLast(before)), ...runs].slice(-MAX_RUNS),
    history: {
      runs: sum(all.map((history) => history.runs)),
      first_started_at: past?.first_started_at ?? first,
      sends: sum(all.map((history) => history.sends)),
      duration_ms: (past?.duration_ms ?? 0) + Math.max(...ends) - Date.parse(first),
      registered_without_key: sum(all.map((history) => history.registered_without_key)),
      warnings: sumCounts(all.map(({ warnings }) => warnings)),
    },
    settings: joinSettings(shards.map(({ settings }) => settings)),
  };
}

/** What all were told, and of what each was told for itself, such as its administrator, all of it. */
function joinSettings(all: readonly SettingsReport[]): SettingsReport {
  const names = new Set(all.flatMap((settings) => Object.keys(settings)));
  const joined = [...names].map((name) => {
    const values = [...new Set(all.flatMap((settings) => settings[name] ?? []))];
    return [name, values.length === 1 ? values[0] : values.join(', ')] as const;
  });
  // Each name is one of a setting that has a value.
  return Object.fromEntries(joined) as SettingsReport;
}
