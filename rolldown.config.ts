import type { BuildOptions, Plugin } from 'rolldown';

/** Of undici's index what the batch needs: it loads fetch, WebSocket, caches and mocks too, and Node's own undici with them. */
const undiciParts: Plugin = {
  name: 'undici-parts',
  load: {
    filter: { id: /[/\\]undici[/\\]index\.js$/ },
    handler: () => `
Object.assign(require('./lib/dispatcher/dispatcher').prototype, require('./lib/api'));
exports.EnvHttpProxyAgent = require('./lib/dispatcher/env-http-proxy-agent');
exports.Pool = require('./lib/dispatcher/pool');
exports.errors = require('./lib/core/errors');
`,
  },
};

/**
 * The program with its libraries, in one file for each thing that may or may not be needed: to load 250 modules one by one
 * takes longer than all that a run does before its first request. The names in it stay, and so do those of its files: a
 * stack trace can be read, and a run under way still finds what it loads later when a new version takes its place.
 */
export default {
  input: ['src/bin.ts', 'src/signature/signature-thread.ts'],
  platform: 'node',
  plugins: [undiciParts],
  output: { dir: 'dist/program', cleanDir: true, chunkFileNames: '[name].js', minifyInternalExports: false },
} satisfies BuildOptions;
