import { describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { CEN_TOKEN, put, replyOf, withSimulator } from './client.js';

const BASE = '/CentagateWS/webresources/token';
const PATHS = {
  unregister: `${BASE}/unregisterActiveToken/root%40bank`,
  updateStatus: `${BASE}/update/token/status/root%40bank`,
} as const;
const ann = { username: 'ann', active: true, hasOtp: true, hasCertificate: true };
const users = [ann, { ...ann, username: 'bob', hasOtp: false, hasCertificate: false }];

async function call(simulator: Simulator, name: keyof typeof PATHS, changes: object = {}): Promise<string> {
  const body = {
    username: 'ann',
    type: '4',
    cenToken: CEN_TOKEN,
    ...(name === 'updateStatus' && { status: '3' }),
    ...changes,
  };
  return (await replyOf(put(simulator, 'pki', { path: PATHS[name], body }))).code;
}

describe('taking back', () => {
  test('an unregistered token is gone, and of the other type nothing is touched', async () => {
    await withSimulator({ users }, async (simulator) => {
      expect(await call(simulator, 'unregister')).toBe('0');
      expect(simulator.user('ann')).toMatchObject({ hasOtp: true, hasCertificate: false });
      expect(simulator.fingerprintsOf('ann')).toEqual([]);
      expect(await call(simulator, 'unregister')).toBe('26011');
      expect(simulator.takenBack.map(({ call: name, applied }) => `${name} ${applied}`)).toEqual([
        'unregister true',
        'unregister false',
      ]);
    });
  });

  test('a token that is deactivated stays, and can be made valid again', async () => {
    await withSimulator({ users }, async (simulator) => {
      expect(await call(simulator, 'updateStatus')).toBe('0');
      expect(simulator.user('ann')).toMatchObject({ hasCertificate: true, statuses: { pki: '3' } });
      expect(await call(simulator, 'updateStatus', { status: '2' })).toBe('0');
      expect(simulator.user('ann')?.statuses).toEqual({ pki: '2' });
    });
  });

  test('an offline OTP token has the type that this server gives it, and none unless told', async () => {
    await withSimulator({ users }, async (simulator) =>
      expect(await call(simulator, 'unregister', { type: '1' })).toBe('29001'),
    );
    await withSimulator({ users, otpType: '1' }, async (simulator) => {
      expect(await call(simulator, 'unregister', { type: '1' })).toBe('0');
      expect(simulator.user('ann')).toMatchObject({ hasOtp: false, hasCertificate: true });
    });
  });

  test.each([
    ['10001', { cenToken: 'another' }],
    ['10001', { username: 'denied' }],
    ['10002', { type: '5' }],
    ['10002', { type: 4 }],
    ['10002', { more: '' }],
    ['22002', { username: 'nobody' }],
    ['26011', { username: 'bob' }],
  ])('is refused with %s for %j', async (code, changes) => {
    await withSimulator({ users: [...users, { ...ann, username: 'denied' }] }, async (simulator) => {
      simulator.denyUser('denied');
      expect(await call(simulator, 'unregister', changes)).toBe(code);
    });
  });

  test('a status that is none is refused, and so is one that unregistering does not take', async () => {
    await withSimulator({ users }, async (simulator) => {
      expect(await call(simulator, 'updateStatus', { status: '5' })).toBe('10002');
      expect(await call(simulator, 'unregister', { status: '3' })).toBe('10002');
      expect(await call(simulator, 'updateStatus', { username: 'bob' })).toBe('29001');
    });
  });

  test('meets the faults that a registration meets', async () => {
    await withSimulator({ users, script: { ann: ['10004', 'reset-after', 'ok'] } }, async (simulator) => {
      expect(await call(simulator, 'unregister')).toBe('10004');
      await expect(call(simulator, 'unregister')).rejects.toThrow();
      expect(simulator.user('ann')?.hasCertificate).toBe(false);
      expect(await call(simulator, 'unregister')).toBe('26011');
      expect(simulator.takenBack.map(({ applied }) => applied)).toEqual([false, true, false]);
    });
  });
});
