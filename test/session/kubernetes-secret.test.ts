import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { toKubernetesSecret } from '../../src/session/kubernetes-secret.js';

it('a Secret has both parts of a session to the byte, whatever they hold', () => {
  const tokens = { authToken: 'yes: # "é\'', secretCode: ' 0123 ' };
  const secret = parse(toKubernetesSecret('12', tokens)) as { data: Record<string, string> };
  const data = Object.entries(secret.data).map(([key, base64]) => [key, Buffer.from(base64, 'base64').toString()]);
  expect(secret).toMatchObject({ apiVersion: 'v1', kind: 'Secret', metadata: { name: '12' }, type: 'Opaque' });
  expect(data).toEqual([
    ['auth-token', tokens.authToken],
    ['secret-code', tokens.secretCode],
  ]);
});
