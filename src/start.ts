import { EXIT_CODES } from './core/exit-code.js';
import { outliveReader } from './core/lost-reader.js';
import { bugText, main } from './main.js';

/** By then all is loaded: once a flag is set, Node loads its own modules without their cached code, 25 ms later. */
const LOADED_MS = 1_000;

// V8 lets garbage grow to four times what lives before it collects it: too much room for a batch in a small container.
setTimeout(() => {
  process.getBuiltinModule('node:v8').setFlagsFromString('--heap-growing-percent=30');
}, LOADED_MS).unref();
outliveReader(process);
// Thrown where nobody waits for it, before a run has anything to complete, or behind its end.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  process.stderr.write(bugText(error));
  process.exit(EXIT_CODES.bug.code);
});
// Stands when all that could go on has ended and the command has not.
process.exitCode = EXIT_CODES.bug.code;
void main(process).then((code) => (process.exitCode = code));
