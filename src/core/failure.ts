import { EXIT_CODES } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { InputError } from './input-error.js';
import { LockedError } from './locked-error.js';
import { StateError } from './state-error.js';
import { UsageError } from './usage-error.js';

/** How the process ends after an error that nobody caught: all that is not thrown on purpose is a bug. */
export function exitCodeOfFailure(error: unknown): ExitCode {
  if (error instanceof UsageError || error instanceof InputError) return EXIT_CODES.usage.code;
  if (error instanceof LockedError) return EXIT_CODES.locked.code;
  return (error instanceof StateError ? EXIT_CODES.stopped : EXIT_CODES.bug).code;
}
