import { createRequire } from 'node:module';
import type * as undici from 'undici';

/* What sends, by its own files: undici's index loads fetch, WebSocket and mocks too, which takes 50 ms more. */

const require = createRequire(import.meta.url);

export const buildConnector = require('undici/lib/core/connect.js') as typeof undici.buildConnector;
export const errors = require('undici/lib/core/errors.js') as typeof undici.errors;
export const Pool = require('undici/lib/dispatcher/pool.js') as typeof undici.Pool;

/** All of it, for the calls that only the index puts together: a proxy needs one. */
export function loadUndici(): typeof undici {
  return require('undici') as typeof undici;
}
