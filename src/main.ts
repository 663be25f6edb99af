import type { Clock } from './core/clock.js';
import { EXIT_CODES } from './core/exit-code.js';
import type { ExitCode } from './core/exit-code.js';
import { exitCodeOfFailure } from './core/failure.js';
import { showLines } from './core/safe-text.js';
import { InputError } from './core/input-error.js';
import { LockedError } from './core/locked-error.js';
import { StateError } from './core/state-error.js';
import { UsageError } from './core/usage-error.js';
import type { Process } from './core/process.js';
import { isVersionAsked, readVersion } from './help/version.js';
import type { Command } from './cli/arguments.js';
import type { HelpTopic } from './help/help-page.js';
import { systemClock } from './core/system-clock.js';

/** What a completion script asks with: those of this version, and those that yargs wrote once. */
const SHELL_ASKS = ['--complete', '--get-yargs-completions'];

/** Runs one command and tells how the process should end. Nothing is thrown. */
export async function main(process: Process, clock: Clock = systemClock): Promise<ExitCode> {
  try {
    const words = process.argv.slice(2);
    if (isVersionAsked(words)) {
      process.stdout.write(`${readVersion()}\n`);
      return EXIT_CODES.done.code;
    }
    if (SHELL_ASKS.includes(words[0] ?? '')) {
      const { answerShell } = await import('./commands/answer-shell.js');
      process.stdout.write(await answerShell(words));
      return EXIT_CODES.done.code;
    }
    const { helpAsked } = await import('./help/help-page.js');
    const topic = helpAsked(words);
    if (topic !== undefined) return await showHelp(topic, process);
    const { parseArguments } = await import('./cli/arguments.js');
    return await runCommand(await parseArguments(words), process, clock);
  } catch (error) {
    return explainFailure(error, process);
  }
}

/** Help is shown without yargs too. A command of which nothing is left must not look like a success to a schedule. */
async function showHelp(topic: HelpTopic, { argv, env, stdout, stderr }: Process): Promise<ExitCode> {
  const { toHelpPage } = await import('./help/help-page.js');
  const { toHelpText } = await import('./help/help-text.js');
  const { isColoured, openPaint } = await import('./core/colour.js');
  const isBare = argv.length === 2;
  const stream = isBare ? stderr : stdout;
  const { bold } = openPaint(isColoured(stream, env));
  stream.write(toHelpText(toHelpPage(topic), { columns: stream.columns, bold }));
  return isBare ? EXIT_CODES.usage.code : EXIT_CODES.done.code;
}

async function runCommand(command: Command, process: Process, clock: Clock): Promise<ExitCode> {
  switch (command.name) {
    case 'shown':
      return EXIT_CODES.done.code;
    case 'run': {
      const { startRun } = await import('./commands/start-run.js');
      return startRun(command, process, clock);
    }
    case 'validate': {
      const { startValidate } = await import('./commands/start-validate.js');
      return startValidate(command, process, clock);
    }
    case 'doctor': {
      const { startDoctor } = await import('./commands/start-doctor.js');
      return startDoctor(command, process, clock);
    }
    case 'verify': {
      const { startVerify } = await import('./commands/start-verify.js');
      return startVerify(command, process, clock);
    }
    case 'keys': {
      const { startKeys } = await import('./commands/start-keys.js');
      return startKeys(command, process, clock);
    }
    case 'report': {
      const { startReport } = await import('./commands/start-report.js');
      return startReport(command, process, clock);
    }
    case 'audit':
      return (await import('./commands/start-audit.js')).startAudit(command, process, clock);
    case 'merge':
      return (await import('./commands/start-merge.js')).startMerge(command, process, clock);
    case 'login':
      return (await import('./commands/start-login.js')).startLogin(command, process, clock);
    case 'logout':
      return (await import('./commands/start-logout.js')).startLogout(command, process, clock);
    case 'undo':
      return (await import('./commands/start-undo.js')).startUndo(command, process, clock);
    case 'simulate': {
      const { startSimulation } = await import('./commands/start-simulation.js');
      return startSimulation(command, process);
    }
    case 'explain': {
      const { explain } = await import('./help/explain.js');
      process.stdout.write(explain(command.word));
      return EXIT_CODES.done.code;
    }
    case 'completion': {
      const { completionScript, shellOf } = await import('./help/completion-script.js');
      process.stdout.write(completionScript(command.shell ?? shellOf(process.env)));
      return EXIT_CODES.done.code;
    }
    case 'template': {
      const { TEMPLATE } = await import('./help/template.js');
      process.stdout.write(TEMPLATE);
      return EXIT_CODES.done.code;
    }
  }
}

/** The one place that turns an error into words and an exit code. */
function explainFailure(error: unknown, { stderr, argv }: Process): ExitCode {
  stderr.write(failureText(error, argv));
  return exitCodeOfFailure(error);
}

function failureText(error: unknown, argv: readonly string[]): string {
  if (error instanceof UsageError || error instanceof InputError || error instanceof LockedError) {
    return `${showLines(error.message)}\nNothing was sent.\n`;
  }
  if (error instanceof StateError) {
    // With it, the same command would put the journal aside.
    const same = argv.includes('--fresh') ? 'the same command without --fresh' : 'the same command';
    return `${showLines(error.message)}\nWhat was answered is kept; ${same} goes on from there.\n`;
  }
  return bugText(error);
}

export function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a bug in centagate-provision; please report it with the lines below.\n${showLines(text)}\n`;
}
