import { entriesOf, namesOf } from './table.js';

/** What we refuse, and somebody may mean all the same: what is let pass, and what is then not promised. */
export const ALLOWANCES = {
  'plain-http': {
    lets: 'http:// to another machine',
    risk: 'whoever listens on the way can act as the administrator',
  },
  'shared-folder': {
    lets: 'a folder that other users may write to, or take away',
    risk: 'whoever may write there can take the files of a run away, or keep it from beginning; what is not ours is still neither read nor written',
  },
  encoding: {
    lets: 'a file that is UTF-8 to be read in another encoding',
    risk: 'letters beyond ASCII may be read as others, as in GonÃ§alves',
  },
  'odd-usernames': {
    lets: 'usernames and paths that look damaged, such as 6.01235E+11 or #N/A',
    risk: 'a name that a spreadsheet has damaged may be sent as it stands',
  },
  'equal-names': {
    lets: 'usernames that differ in case, accents or width alone',
    risk: 'one person may get two tokens',
  },
  'other-signers': {
    lets: "a signature whose certificate has another user's name",
    risk: "one person's token may be registered to another",
  },
  undone: {
    lets: 'rows that undo has unregistered to be registered anew',
    risk: 'who lost a token on purpose gets one again',
  },
} as const satisfies Record<string, { readonly lets: string; readonly risk: string }>;
export type Allowance = keyof typeof ALLOWANCES;
export const ALLOWANCE_NAMES = namesOf(ALLOWANCES);

/** Kinds with commas or blanks between them, each once and in the table's order; nothing when one of them is none. */
export function parseAllowances(text: string): readonly Allowance[] | undefined {
  const words = text.toLowerCase().split(/[\s,]+/);
  const given = words.filter((word) => word !== '');
  const allowed = ALLOWANCE_NAMES.filter((name) => given.includes(name));
  return given.length > 0 && allowed.length === new Set(given).size ? Object.freeze(allowed) : undefined;
}

/** How to let something pass that was refused: the rest of a sentence behind "or". */
export function allowText(kind: Allowance): string {
  return `allow it with --allow ${kind} (CENTAGATE_ALLOW, or allow in the configuration file)`;
}

export function allowedLines(allowed: readonly Allowance[]): readonly string[] {
  return allowed.map((name) => `allowed: ${name}: ${ALLOWANCES[name].risk}`);
}

export function allowancesText(): string {
  return entriesOf(ALLOWANCES)
    .map(([name, { lets }]) => `${name} (${lets})`)
    .join(', ');
}
