import { expect, test } from 'vitest';
import { openDirectory } from '../../src/simulator/directory.js';

const ann = { username: 'ann', active: true, hasOtp: false, hasCertificate: false };

test('without known users everybody is active and has nothing', () => {
  const directory = openDirectory();
  expect(directory.find('ann')).toEqual(ann);
  expect(directory.find('')).toEqual({ ...ann, username: '' });
});

test('with known users nobody else is found, by exact name only', () => {
  const directory = openDirectory([ann]);
  expect(directory.find('ann')).toEqual(ann);
  expect(directory.find('Ann')).toBeUndefined();
  expect(openDirectory([]).find('ann')).toBeUndefined();
});

test('a registration stays, and leaves the other kind of token alone', () => {
  const directory = openDirectory();
  directory.register('ann', 'otp');
  expect(directory.find('ann')).toEqual({ ...ann, hasOtp: true });
  directory.register('ann', 'pki');
  expect(directory.find('ann')).toEqual({ ...ann, hasOtp: true, hasCertificate: true });
  expect(directory.find('bob')).toMatchObject({ hasOtp: false, hasCertificate: false });
});

test("the caller's list is not touched, and nobody unknown is registered", () => {
  const directory = openDirectory([ann]);
  directory.register('ann', 'otp');
  expect(ann.hasOtp).toBe(false);
  expect(() => directory.register('bob', 'otp')).toThrow('bob is not a user');
});

test('a server that is started again with the users of another shows the same certificates', () => {
  const before = openDirectory([ann]);
  before.register('ann', 'pki', 'ab'.repeat(20));
  const user = before.find('ann');
  expect(openDirectory(user && [user]).fingerprintsOf('ann')).toEqual(['ab'.repeat(20)]);
});
