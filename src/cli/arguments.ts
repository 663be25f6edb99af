import yargs from 'yargs';
import type { Argv } from 'yargs';
import { failuresToRepeat } from '../core/exit-code.js';
import { STANDARD_INPUT } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import { yargsOptions } from './setting-help.js';
import { SIMULATE_OPTIONS } from './simulate-options.js';
import { readVersion } from './version.js';

/** What was asked for; `shown` when yargs has answered by itself (help, version, completion). */
export type Command =
  | { readonly name: 'shown' }
  | { readonly name: 'run'; readonly input: string; readonly flags: Readonly<Record<string, unknown>> }
  | { readonly name: 'validate'; readonly input: string; readonly flags: Readonly<Record<string, unknown>> }
  | { readonly name: 'doctor'; readonly flags: Readonly<Record<string, unknown>> }
  | { readonly name: 'verify'; readonly results: string; readonly flags: Readonly<Record<string, unknown>> }
  | { readonly name: 'simulate'; readonly flags: Readonly<Record<string, unknown>> }
  | { readonly name: 'explain'; readonly code: string }
  | { readonly name: 'template' };

const NAME = 'centagate-provision';

/** @throws {UsageError} for what is no command, no flag, or too much of either */
export async function parseArguments(words: readonly string[]): Promise<Command> {
  // yargs takes a lone dash for the start of a flag.
  const parser = program(words.map((word) => (word === '-' ? STANDARD_INPUT : word)));
  if (words[0] === 'completion') {
    parser.showCompletionScript();
    return { name: 'shown' };
  }
  try {
    await parser.parseAsync();
    return { name: 'shown' };
  } catch (error) {
    if (!(error instanceof Chosen)) throw error;
    // Having answered the shell, yargs goes on to the default command.
    return words.includes('--get-yargs-completions') ? { name: 'shown' } : error.command;
  }
}

/** Thrown to yargs by a command that was chosen: it would go on to draw that command's help, which takes 30 ms. */
class Chosen extends Error {
  readonly command: Command;

  constructor(command: Command) {
    super(command.name);
    this.command = command;
  }
}

function choose(command: Command): never {
  throw new Chosen(command);
}

function program(words: string[]): Argv {
  return yargs(words)
    .scriptName(NAME)
    .locale('en')
    .usage('$0: registers CENTAGATE authentication tokens for whole departments.')
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'parse-positional-numbers': false,
    })
    .command(['run <input>', '$0 <input>'], 'register the tokens of a CSV', runOptions, (flags) =>
      choose({ name: 'run', input: String(flags['input']), flags }),
    )
    .command('validate <input>', 'check every row as a run would, and send nothing', validateOptions, (flags) =>
      choose({ name: 'validate', input: String(flags['input']), flags }),
    )
    .command('doctor', 'look at the way to the server, its clock and the session', doctorOptions, (flags) =>
      choose({ name: 'doctor', flags }),
    )
    .command('verify <results>', 'ask the server for every registered row', verifyOptions, (flags) =>
      choose({ name: 'verify', results: String(flags['results']), flags }),
    )
    .command('simulate', 'an embedded CENTAGATE on loopback, to rehearse with', simulateOptions, (flags) =>
      choose({ name: 'simulate', flags }),
    )
    .command('explain <code>', 'what a return code means and what to do', explainOptions, ({ code }) =>
      choose({ name: 'explain', code: String(code) }),
    )
    .command('template', 'print a CSV to start from', templateOptions, () => choose({ name: 'template' }))
    .completion('completion', "print the shell's completion script")
    .strict()
    .demandCommand(1, 1)
    .recommendCommands()
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      throw error ?? new UsageError([message, `See ${NAME} --help.`]);
    })
    .wrap(null)
    .help()
    .version(readVersion())
    .alias({ help: 'h', version: 'v' });
}

/** For whoever writes a schedule. */
const REPEATING = `A schedule may repeat the same command by itself after exit code ${listOf(failuresToRepeat(true))}. After ${listOf(failuresToRepeat(false))} somebody must act first.`;

function listOf(codes: readonly number[]): string {
  return `${codes.slice(0, -1).join(', ')} or ${codes.slice(-1).join('')}`;
}

function runOptions(command: Argv): Argv {
  return command
    .positional('input', {
      type: 'string',
      describe: 'the CSV, a results or failed file of an earlier run, or - for standard input',
    })
    .options(yargsOptions('run'))
    .example(
      '$0 run users.csv --server https://centagate.example --admin alice',
      'a first run, with the session in the environment',
    )
    .example('$0 run users.failed.csv --config job.yaml', 'what is left of it, as it is or corrected by hand')
    .example('$0 run users.csv --config job.yaml --dry-run', 'what would be sent, and nothing sent')
    .example('hr-export | $0 run - --name users --out-dir /data', 'standard input')
    .epilogue(
      'A session made elsewhere: CENTAGATE_AUTH_TOKEN[_FILE] and CENTAGATE_SECRET_CODE[_FILE]. Or a login by the run itself: CENTAGATE_PASSWORD[_FILE], CENTAGATE_INTEGRATION_KEY[_FILE] and CENTAGATE_INTEGRATION_SECRET[_FILE]. With both, the session is used first, and a login follows when it is over. No flag takes a secret.',
    )
    .epilogue(REPEATING);
}

function validateOptions(command: Argv): Argv {
  return command
    .positional('input', { type: 'string', describe: 'the CSV or workbook, or a results or failed file' })
    .options(yargsOptions('validate'))
    .example('$0 validate users.csv', 'exit code 0, 1 when a row has an error, 2 when the file breaks')
    .example('$0 validate users.csv --json', 'one JSON object a line for each problem, the summary last')
    .example('$0 validate users.csv --annotate checked.csv', 'the file given back, with the problems of each row')
    .epilogue('Needs no server and no session, and changes no file. Signatures are checked in full.');
}

function doctorOptions(command: Argv): Argv {
  return command
    .options(yargsOptions('doctor'))
    .example(
      '$0 doctor --config job.yaml',
      'with the settings of a run: exit code 0, 4 when the server is away, 6 when somebody must mend something',
    )
    .epilogue('Without a session made elsewhere it logs in as a run would, once, and out again.');
}

function verifyOptions(command: Argv): Argv {
  return command
    .positional('results', { type: 'string', describe: 'the results of a run, such as users.results.csv' })
    .options(yargsOptions('verify'))
    .example(
      '$0 verify users.results.csv --config job.yaml',
      'exit code 0 when all are there, 1 when some are missing, 4 or 6 when it could not find out',
    );
}

function simulateOptions(command: Argv): Argv {
  return command
    .options(SIMULATE_OPTIONS)
    .example('$0 simulate --port 8080', 'everybody is known; prints the settings to use')
    .example(
      '$0 simulate --users samples/users.csv --fault 10004=0.02 --fault reset=0.01 --seed 7',
      'a bad day, repeatable',
    )
    .example('$0 simulate --limit-rate 50 --down 30-90', 'a busy server, and away for a minute')
    .example('$0 simulate --https', 'with a certificate made for the occasion');
}

function explainOptions(command: Argv): Argv {
  return command
    .positional('code', { type: 'string', describe: 'a return code, as in the return_code column' })
    .example('$0 explain 22002', 'one code')
    .example('$0 explain all', 'the whole table');
}

function templateOptions(command: Argv): Argv {
  return command.example('$0 template > users.csv', 'a CSV to fill in');
}
