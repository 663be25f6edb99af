import { failuresToRepeat } from '../core/exit-code.js';
import { FAULT_KINDS } from '../simulator/fault.js';
import type { FlagWords } from './flag-words.js';
import { settingFlags } from './setting-help.js';
import { simulateFlags } from './simulate-options.js';
import { UNDO_WORDS } from './undo-words.js';

export const NAME = 'centagate-provision';

/** What is typed behind a command's name, and what there is to say of it: yargs, help, man page and completion go by it. */
export interface CommandWords {
  readonly describe: string;
  readonly operand?: Operand;
  readonly flags: () => readonly FlagWords[];
  /** What to type, without the program's name, and what comes of it. */
  readonly examples: readonly (readonly [string, string])[];
  /** Paragraphs at the end. */
  readonly notes?: readonly string[];
  /** Further things to know by name, under a title. */
  readonly lists?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Operand {
  readonly name: string;
  readonly describe: string;
  readonly isOptional?: true;
  /** What completes it; `words` stand in the table of what it names. */
  readonly completes: 'files' | 'words';
}

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type CompletionShell = (typeof SHELLS)[number];

/** For whoever writes a schedule. */
const REPEATING = `A schedule may repeat the same command by itself after exit code ${listOf(failuresToRepeat(true))}. After ${listOf(failuresToRepeat(false))} somebody must act first.`;

function listOf(codes: readonly number[]): string {
  return `${codes.slice(0, -1).join(', ')} or ${codes.slice(-1).join('')}`;
}

const none = (): readonly FlagWords[] => [];

export const COMMANDS = {
  run: {
    describe: 'register the tokens of a CSV; the word run may be left out',
    operand: {
      name: 'input',
      describe: 'the CSV or workbook, a results or failed file of an earlier run, or - for standard input',
      completes: 'files',
    },
    flags: () => settingFlags('run'),
    examples: [
      [
        'run users.csv --server https://centagate.example --admin alice',
        'a first run, with the session in the environment',
      ],
      ['run users.csv --config job.yaml --dry-run', 'what would be sent, and nothing sent'],
      ['run users.csv --config job.yaml --limit 20', 'a pilot'],
      ['run users.failed.csv --config job.yaml', 'what is left of it, as it is or corrected by hand'],
      ['run - --name users --out-dir /data', 'standard input'],
    ],
    notes: [
      'A session made elsewhere: CENTAGATE_AUTH_TOKEN[_FILE] and CENTAGATE_SECRET_CODE[_FILE]. Or a login by the run itself: CENTAGATE_PASSWORD[_FILE], CENTAGATE_INTEGRATION_KEY[_FILE] and CENTAGATE_INTEGRATION_SECRET[_FILE]. With both, the session is used first, and a login follows when it is over. No flag takes a secret.',
      REPEATING,
    ],
  },
  validate: {
    describe: 'check every row as a run would, and send nothing',
    operand: {
      name: 'input',
      describe: 'the CSV or workbook, or a results or failed file',
      completes: 'files',
    },
    flags: () => settingFlags('validate'),
    examples: [
      ['validate users.csv', 'exit code 0, 1 when a row has an error, 2 when the file breaks'],
      ['validate users.csv --json', 'one JSON object a line for each problem, the summary last'],
      ['validate users.csv --annotate checked.csv', 'the file given back, with the problems of each row'],
    ],
    notes: ['Needs no server and no session, and changes no file. Signatures are checked in full.'],
  },
  doctor: {
    describe: 'look at the way to the server, its clock and the session',
    flags: () => settingFlags('doctor'),
    examples: [
      [
        'doctor --config job.yaml',
        'with the settings of a run: exit code 0, 4 when the server is away, 6 when somebody must mend something',
      ],
    ],
    notes: ['Without a session made elsewhere it logs in as a run would, once, and out again.'],
  },
  verify: {
    describe: 'ask the server for every registered row',
    operand: {
      name: 'results',
      describe: 'the results of a run, such as users.results.csv',
      completes: 'files',
    },
    flags: () => settingFlags('verify'),
    examples: [
      [
        'verify users.results.csv --config job.yaml',
        'exit code 0 when all are there, 1 when some are missing, 4 or 6 when it could not find out',
      ],
    ],
  },
  keys: {
    describe: 'hand out the activation keys of registered rows, each once',
    operand: {
      name: 'results',
      describe: 'the results of a run, such as users.results.csv',
      completes: 'files',
    },
    flags: () => settingFlags('keys'),
    examples: [
      ['keys users.results.csv', 'new keys with all columns of the input, as users.hand-out-1.csv'],
      ['keys users.results.csv --columns name,department --to keys.csv', 'some columns, and a name of your own'],
      ['keys users.results.csv --letters letters.html', 'one page a person, to print'],
      ['keys users.results.csv --encrypt-to mail-house.pem', 'for the owner of a certificate alone'],
      ['keys users.results.csv --again alice', 'the key of one user once more'],
    ],
    notes: [
      'Whose key was handed out, when, by whom and in which file stands in users.handed-out.csv; the next hand-out has new keys only. A key that was taken back or superseded, or whose row is not registered, is never handed out, and is named. Nothing is mailed.',
    ],
  },
  report: {
    describe: 'one page for people who read no CSV: what is left, for whom, and what next',
    operand: {
      name: 'results',
      describe: 'the results of a run, such as users.results.csv',
      completes: 'files',
    },
    flags: () => settingFlags('report'),
    examples: [
      ['report users.results.csv', 'writes users.report.html, which opens anywhere by itself'],
      ['report users.results.csv --by Abteilung', 'people and rows counted by that column'],
      ['report users.results.csv --text | mail -s Tokens boss@example.com', 'the same as plain text'],
    ],
    notes: [
      'It needs no server and no session; the page loads nothing, runs nothing, and holds no key and no secret. run --report writes it at the end of a run.',
    ],
  },
  audit: {
    describe: 'prove the files of a run, with nothing but the files',
    operand: {
      name: 'results',
      describe: 'the results of a run, such as users.results.csv',
      completes: 'files',
    },
    flags: () => settingFlags('audit'),
    examples: [
      ['audit users.results.csv', 'exit code 0, 1 when something differs, which it names'],
      ['audit users.results.csv --input export.csv', 'whether every row of the export is accounted for'],
      ['audit users.results.csv --signature users.SHA256SUMS.p7s --trust ca.pem', 'and who signed it'],
    ],
    notes: ['Needs no server, no session and no secret, and changes no file.'],
  },
  merge: {
    describe: 'make the files of all shards of an input one, and prove that they are',
    operand: { name: 'input', describe: 'the file that the shards have run', completes: 'files' },
    flags: () => settingFlags('merge'),
    examples: [
      ['run users.csv --config job.yaml --shard 0/2', 'one half of the users, and 1/2 beside it'],
      ['merge users.csv', 'then both are one: exit code 0, 1 or 3 by what is left, 2 when a shard is missing'],
    ],
    notes: [
      'It reads the input and the files of every shard, sends nothing and needs no session. A shard that has not run, was cut off, or whose files were changed is named, and nothing is merged then. It may be repeated; a kill changes nothing.',
    ],
  },
  login: {
    describe: 'make a session in two files, or in a Kubernetes Secret, for runs that share it',
    flags: () => settingFlags('login'),
    examples: [
      ['login --config job.yaml --out session', 'writes session/auth-token and session/secret-code'],
      [
        'run users.csv --auth-token-file session/auth-token --secret-code-file session/secret-code',
        'a run with it, here or elsewhere',
      ],
      ['login --config job.yaml --kubernetes-secret tokens | kubectl create -f -', 'the same two as a Secret'],
    ],
    notes: [
      'A login may end the session that the administrator had. Exit code 0, 4 when the server is away, 5 when a run on this machine is logged in as this administrator, 6 when the login is refused: then a repetition could lock the account. No message tells anything of the session.',
    ],
  },
  logout: {
    describe: 'end a session that login made, and remove its files',
    flags: () => settingFlags('logout'),
    examples: [['logout --config job.yaml --session session', 'ends it at the server, then removes the two files']],
    notes: [
      'One that the server does not know any more is removed as well. Exit code 0, 4 when the server is away, 6 when it refuses: then the files stay. A session that came by --auth-token-file instead, as a Secret does, is ended, and its file stays.',
    ],
  },
  undo: UNDO_WORDS,
  simulate: {
    describe: 'an embedded CENTAGATE on loopback, to rehearse with',
    flags: () => simulateFlags,
    examples: [
      ['simulate --port 8080', 'everybody is known; prints the settings to use'],
      ['simulate --users samples/users.csv --fault 10004=0.02 --fault reset=0.01 --seed 7', 'a bad day, repeatable'],
      ['simulate --limit-rate 50 --down 30-90', 'a busy server, and away for a minute'],
      ['simulate --https', 'with a certificate made for the occasion'],
    ],
    lists: { 'What --fault takes for a kind': FAULT_KINDS },
  },
  explain: {
    describe: 'what a return code, an outcome or an exit code means, and what to do',
    operand: {
      name: 'word',
      describe: 'as in the columns return_code and outcome, an exit code, or all',
      completes: 'words',
    },
    flags: none,
    examples: [
      ['explain 22002', 'a return code'],
      ['explain key_lost', 'an outcome'],
      ['explain 3', 'an exit code'],
      ['explain all', 'all of them'],
    ],
  },
  template: {
    describe: 'print a CSV to start from',
    flags: none,
    examples: [['template > users.csv', 'a CSV to fill in']],
  },
  completion: {
    describe: 'print the completion script of a shell',
    operand: {
      name: 'shell',
      describe: `${SHELLS.join(', ')}; else as $SHELL has it`,
      isOptional: true,
      completes: 'words',
    },
    flags: none,
    examples: [
      ['completion bash > ~/.local/share/bash-completion/completions/centagate-provision', 'for bash'],
      ['completion zsh > ~/.zfunc/_centagate-provision', 'for zsh, where fpath has ~/.zfunc'],
      ['completion fish > ~/.config/fish/completions/centagate-provision.fish', 'for fish'],
      ['completion powershell >> $PROFILE', 'for PowerShell'],
    ],
  },
  help: {
    describe: 'what a command does and takes; help all: everything',
    operand: { name: 'command', describe: 'one of these, or all', isOptional: true, completes: 'words' },
    flags: none,
    examples: [
      ['help run', 'the same as run --help'],
      ['help run all', 'with every setting of it'],
    ],
  },
} as const satisfies Record<string, CommandWords>;
export type CommandName = keyof typeof COMMANDS;

export function describeCommand(name: CommandName): CommandWords {
  return COMMANDS[name];
}

export function isCommandName(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/** Such as `run <input>`. */
export function typedAs(name: CommandName): string {
  const { operand } = describeCommand(name);
  if (operand === undefined) return name;
  return operand.isOptional === true ? `${name} [${operand.name}]` : `${name} <${operand.name}>`;
}
