import type { BuildOptions } from 'rolldown';

/**
 * The program with its libraries, in one file for each thing that may or may not be needed: to load 250 modules one by one
 * takes longer than all that a run does before its first request. The names in it stay, and so do those of its files: a
 * stack trace can be read, and a run under way still finds what it loads later when a new version takes its place.
 */
export default {
  input: ['src/bin.ts', 'src/commands/signature-thread.ts'],
  platform: 'node',
  output: { dir: 'dist/program', cleanDir: true, chunkFileNames: '[name].js', minifyInternalExports: false },
} satisfies BuildOptions;
