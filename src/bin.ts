#!/usr/bin/env node
// Node would open itself to a debugger, which sees all secrets, for whoever sends this signal: so before all else is loaded.
process.on('SIGUSR1', () => undefined);

/** By then all is loaded: once a flag is set, Node loads its own modules without their cached code, 25 ms later. */
const LOADED_MS = 1_000;

// V8 lets garbage grow to four times what lives before it collects it: too much room for a batch in a small container.
setTimeout(() => {
  process.getBuiltinModule('node:v8').setFlagsFromString('--heap-growing-percent=30');
}, LOADED_MS).unref();

void Promise.all([import('./core/exit-code.js'), import('./core/lost-reader.js'), import('./main.js')]).then(
  (loaded) => {
    const [{ EXIT_CODES }, { outliveReader }, { bugText, main }] = loaded;
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
  },
);
