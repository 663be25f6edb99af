import type { Tokens } from '../server/session.js';
import { SESSION_NAMES } from './session-files.js';

/** A session as the manifest of a Secret, whose keys are the names of its two files. */
export function toKubernetesSecret(name: string, tokens: Tokens): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    // It may look like a number.
    `  name: ${JSON.stringify(name)}`,
    'type: Opaque',
    'data:',
    `  ${SESSION_NAMES.authToken}: ${base64(tokens.authToken)}`,
    `  ${SESSION_NAMES.secretCode}: ${base64(tokens.secretCode)}`,
    '',
  ].join('\n');
}
