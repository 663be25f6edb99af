import { createRequire } from 'node:module';
import type * as undici from 'undici';

/* What sends, by its own files: undici's index loads fetch, WebSocket and mocks too, which takes 50 ms more. */

export type Connect = undici.buildConnector.connector;

const require = createRequire(import.meta.url);

export const buildConnector = require('undici/lib/core/connect.js') as typeof undici.buildConnector;
export const Client = require('undici/lib/dispatcher/client.js') as typeof undici.Client;
export const errors = require('undici/lib/core/errors.js') as typeof undici.errors;

/** All of it, for the calls that only the index puts together: a proxy needs one. */
export function loadUndici(): typeof undici {
  return require('undici') as typeof undici;
}
