import yargs from 'yargs';
import type { Argv } from 'yargs';
import { namesOf } from '../core/table.js';
import { STANDARD_INPUT } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import { COMMANDS, describeCommand, isCommandName, NAME, typedAs } from '../help/command-words.js';
import type { CommandName } from '../help/command-words.js';
import { yargsOptions } from '../help/flag-words.js';
import { readVersion } from '../help/version.js';

type Flags = Readonly<Record<string, unknown>>;

/** What was asked for; `shown` when yargs has answered by itself (version). */
export type Command =
  | { readonly name: 'shown' }
  | { readonly name: 'run'; readonly input: string; readonly flags: Flags }
  | { readonly name: 'validate'; readonly input: string; readonly flags: Flags }
  | { readonly name: 'doctor'; readonly flags: Flags }
  | { readonly name: 'verify'; readonly results: string; readonly flags: Flags }
  | { readonly name: 'keys'; readonly results: string; readonly flags: Flags }
  | { readonly name: 'report'; readonly results: string; readonly flags: Flags }
  | { readonly name: 'audit'; readonly results: string; readonly flags: Flags }
  | { readonly name: 'merge'; readonly input: string; readonly flags: Flags }
  | { readonly name: 'login'; readonly flags: Flags }
  | { readonly name: 'logout'; readonly flags: Flags }
  | { readonly name: 'undo'; readonly results: string; readonly flags: Flags }
  | { readonly name: 'simulate'; readonly flags: Flags }
  | { readonly name: 'explain'; readonly word: string }
  | { readonly name: 'template' }
  | { readonly name: 'completion'; readonly shell: string | undefined };

/** @throws {UsageError} for what is no command, no flag, or too much of either */
export async function parseArguments(words: readonly string[]): Promise<Command> {
  // yargs takes a lone dash for the start of a flag.
  const parser = program(words.map((word) => (word === '-' ? STANDARD_INPUT : word)));
  try {
    await parser.parseAsync();
    return { name: 'shown' };
  } catch (error) {
    if (error instanceof Chosen) return error.command;
    throw error;
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

/** What help there is comes from the tables that yargs is told of here: its own help is not asked for. */
function program(words: readonly string[]): Argv {
  const parser = yargs([...words])
    .scriptName(NAME)
    .locale('en')
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'parse-positional-numbers': false,
    })
    .strict()
    .demandCommand(1, 1)
    .recommendCommands()
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      const asked = words.find(isCommandName);
      const help = asked === undefined ? '--help' : `help ${asked}`;
      throw error ?? new UsageError([message, `See ${NAME} ${help}.`]);
    })
    .help(false)
    .version(readVersion())
    .alias({ version: 'v' });
  for (const name of namesOf(COMMANDS)) {
    const typed = typedAs(name);
    // The word run may be left out.
    const words = name === 'run' ? [typed, typed.replace('run', '$0')] : typed;
    parser.command(
      words,
      describeCommand(name).describe,
      (command) => describe(command, name),
      (flags) => {
        throw new Chosen(toCommand(name, flags));
      },
    );
  }
  return parser;
}

function describe(command: Argv, name: CommandName): Argv {
  const { operand, flags } = describeCommand(name);
  if (operand !== undefined) command.positional(operand.name, { type: 'string' });
  return command.options(yargsOptions(flags()));
}

function toCommand(name: CommandName, flags: Flags): Command {
  switch (name) {
    case 'run':
    case 'validate':
    case 'merge':
      return { name, input: String(flags['input']), flags };
    case 'verify':
    case 'keys':
    case 'report':
    case 'audit':
    case 'undo':
      return { name, results: String(flags['results']), flags };
    case 'doctor':
    case 'simulate':
    case 'login':
    case 'logout':
      return { name, flags };
    case 'explain':
      return { name, word: String(flags['word']) };
    case 'completion':
      return { name, shell: typeof flags['shell'] === 'string' ? flags['shell'] : undefined };
    case 'template':
      return { name };
    case 'help':
      return { name: 'shown' };
  }
}
