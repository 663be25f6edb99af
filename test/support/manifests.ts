import type { FileFigures, Unchained } from '../../src/manifest/manifest.js';
import type { Totals } from '../../src/manifest/row-totals.js';
import { NOON } from './builders.js';

const TOTALS: Totals = { rows: 2, types: { otp: 1, pki: 1, other: 0 }, hash_total: 12 };

function figuresOf(file: string): FileFigures {
  return { file, bytes: 10, sha256: 'ab'.repeat(32) };
}

/** A manifest of a run over two rows that were registered, with what a test changes. */
export function aManifest(changes: Partial<Unchained> = {}): Unchained {
  const at = new Date(NOON).toISOString();
  return {
    run_id: 'this',
    made_by: null,
    administrator: 'admin',
    server: 'https://server',
    started_at: at,
    ended_at: at,
    exit_code: 0,
    stopped_by: null,
    selection: {},
    settings: { admin: 'admin', server: 'https://server' },
    approval: null,
    input: { ...figuresOf('users.csv'), ...TOTALS },
    results: { ...figuresOf('users.results.csv'), ...TOTALS },
    failed: { ...figuresOf('users.failed.csv'), rows: 0 },
    summary: figuresOf('users.summary.json'),
    attempts: null,
    signatures: { count: 0, sha256: '' },
    keys: { file: 'users.keys.csv', count: 1, bytes: 10 },
    outcomes: { registered: 2 },
    retry: { no: 2 },
    ...changes,
  };
}
