import { INPUT_COLUMN_NAMES } from '../input/column.js';
import { OUTCOMES } from '../row/outcome.js';
import { describeReturnCode } from '../row/return-code.js';
import { entriesOf, namesOf } from '../core/table.js';
import { COMMANDS, describeCommand, isCommandName, SHELLS } from './command-words.js';
import type { CommandName } from './command-words.js';
import { EXPLAINED } from './explain.js';
import type { Completes, FlagWords } from './flag-words.js';

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

export interface Completion {
  /** Which names of the file system may come as well. */
  readonly paths: 'files' | 'folders' | 'none';
  readonly candidates: readonly Candidate[];
}

/** Gives the header of an input as it stands in the file; nothing when it can't be read. */
export type ColumnsOf = (input: string) => Promise<readonly string[]>;

const NOTHING: Completion = { paths: 'none', candidates: [] };

/** @param words behind the program's name, up to the cursor; the last is the one that was begun, and may be empty */
export async function complete(words: readonly string[], columnsOf: ColumnsOf): Promise<Completion> {
  const typed = words.slice(0, -1);
  const begun = words.at(-1) ?? '';
  const name = typed.find(isCommandName) ?? 'run';
  const flags = describeCommand(name).flags();
  const { operands, open } = readWords(typed, flags);
  const { flag, value } = openValue(begun, open, flags);
  if (flag !== undefined) {
    const [input] = operands.filter((word) => word !== name);
    const columns = async (): Promise<readonly string[]> => (input === undefined ? [] : columnsOf(input));
    return starting(await completeValue(flag.completes, value, columns), value);
  }
  if (begun.startsWith('-')) return starting({ paths: 'none', candidates: flagCandidates(flags, typed) }, begun);
  return starting(operandCompletion(operands), begun);
}

/** What stands free, and the flag whose value comes next. */
function readWords(
  typed: readonly string[],
  flags: readonly FlagWords[],
): { readonly operands: readonly string[]; readonly open: FlagWords | undefined } {
  const operands: string[] = [];
  let open: FlagWords | undefined;
  for (const word of typed) {
    const isValue = open !== undefined;
    open = isValue
      ? undefined
      : flags.find(({ flag, placeholder }) => placeholder !== undefined && word === `--${flag}`);
    if (!isValue && !word.startsWith('--')) operands.push(word);
  }
  return { operands, open };
}

/** A value can stand behind its flag, or behind a `=` in the same word. */
function openValue(
  begun: string,
  open: FlagWords | undefined,
  flags: readonly FlagWords[],
): { readonly flag: FlagWords | undefined; readonly value: string } {
  if (open !== undefined) return { flag: open, value: begun };
  const [, name, value = ''] = /^--([\w-]+)=([^]*)$/.exec(begun) ?? [];
  return { flag: flags.find(({ flag, placeholder }) => placeholder !== undefined && flag === name), value };
}

async function completeValue(
  completes: Completes,
  value: string,
  columns: () => Promise<readonly string[]>,
): Promise<Completion> {
  switch (completes.kind) {
    case 'files':
    case 'folders':
      return { paths: completes.kind, candidates: [] };
    case 'words':
      return { paths: 'none', candidates: completes.words.map((word) => ({ word })) };
    case 'columns':
      // Values are not offered: they may be anybody's data.
      return value.includes('=') ? NOTHING : { paths: 'none', candidates: (await columns()).map(toBegin) };
    case 'names':
      return { paths: 'none', candidates: (await columns()).map((word) => ({ word })) };
    case 'mapping': {
      if (!value.includes('=')) return { paths: 'none', candidates: INPUT_COLUMN_NAMES.map(toBegin) };
      const ours = value.slice(0, value.indexOf('=') + 1);
      return { paths: 'none', candidates: (await columns()).map((column) => ({ word: `${ours}${column}` })) };
    }
    case 'nothing':
      return NOTHING;
  }
}

function toBegin(column: string): Candidate {
  return { word: `${column}=` };
}

function flagCandidates(flags: readonly FlagWords[], typed: readonly string[]): readonly Candidate[] {
  const isOpen = ({ flag, isRepeatable }: FlagWords): boolean =>
    isRepeatable || !typed.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const own = flags.filter(isOpen).map(({ flag, describe }) => ({ word: `--${flag}`, about: describe }));
  return [...own, { word: '--help', about: 'what the command does and takes' }];
}

/** Where nothing free was typed yet, a command may come, or the input of a run. */
function operandCompletion(operands: readonly string[]): Completion {
  const [first, ...more] = operands;
  const commands = entriesOf<CommandName, { readonly describe: string }>(COMMANDS).map(([word, { describe }]) => ({
    word,
    about: describe,
  }));
  if (first === undefined) return { paths: 'files', candidates: commands };
  if (!isCommandName(first) || more.length > 0) return NOTHING;
  const { operand } = describeCommand(first);
  if (operand === undefined) return NOTHING;
  return operand.completes === 'files'
    ? { paths: 'files', candidates: [] }
    : { paths: 'none', candidates: WORDS[first]?.() ?? [] };
}

/** The operands of commands that are words of a table. */
const WORDS: Readonly<Partial<Record<CommandName, () => readonly Candidate[]>>> = {
  explain: () => EXPLAINED.map(toExplained),
  completion: () => SHELLS.map((word) => ({ word })),
  help: () => [...namesOf(COMMANDS).map((word) => ({ word, about: COMMANDS[word].describe })), { word: 'all' }],
};

function toExplained(word: string): Candidate {
  const outcomes: Readonly<Record<string, { readonly meaning: string }>> = OUTCOMES;
  const about = outcomes[word]?.meaning ?? describeReturnCode(word)?.meaning;
  return about === undefined ? { word } : { word, about };
}

function starting({ paths, candidates }: Completion, begun: string): Completion {
  return { paths, candidates: candidates.filter(({ word }) => word.startsWith(begun)) };
}

/** bash begins a new word at each `=` and `:`; what it took apart is one word to us. */
export function joinBashWords(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  let isJoining = false;
  for (const word of words) {
    const isBreak = /^[=:]+$/.test(word);
    if ((isBreak || isJoining) && joined.length > 0) joined.push(`${joined.pop() ?? ''}${word}`);
    else joined.push(word);
    isJoining = isBreak;
  }
  return joined;
}

/** bash puts an answer in the place of what stands behind the last `=` or `:`. @returns how many characters it has before */
export function bashCut(begun: string): number {
  const value = begun.replace(/^--[\w-]+=/, '');
  return Math.max(value.lastIndexOf('='), value.lastIndexOf(':')) + 1;
}

/** The lines that the scripts of the shells read. @param cut characters that are left out of each word */
export function toCompletionText({ paths, candidates }: Completion, cut = 0): string {
  const lines = candidates.map(({ word, about }) => {
    const rest = word.slice(cut);
    return about === undefined ? rest : `${rest}\t${about}`;
  });
  return `${[paths, ...lines].join('\n')}\n`;
}
