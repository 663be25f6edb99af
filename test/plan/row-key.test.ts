import { describe, expect, test } from 'vitest';
import { contentText, keyText } from '../../src/plan/row-key.js';
import { aHeader, someCells } from '../support/builders.js';

const HEADER = aHeader();

describe('the text that a row is known by', () => {
  test.each([
    [{ username: ' ann ', token_type: 'PKCS7' }, 'pki:ann'],
    [{ username: 'ann', token_type: 'otp-offline' }, 'otp:ann'],
    [{ username: 'a:b', token_type: 'otp' }, 'otp:a:b'],
    [{ username: '', token_type: 'otp' }, undefined],
    [{ username: 'ann', token_type: '' }, undefined],
  ])('%j: %s', (changes, text) => {
    expect(keyText(HEADER, someCells(changes))).toBe(text);
  });
});

describe('the text that tells a repetition from a contradiction', () => {
  const text = (changes: Parameters<typeof someCells>[0]): string => contentText(HEADER, someCells(changes));

  test('is of every column we use, for PKI', () => {
    expect(text({ status: 'valid' })).toBe(text({ status: '2' }));
    expect(text({ status: '1' })).not.toBe(text({ status: '2' }));
  });

  test('is always the same for OTP', () => {
    expect(text({ token_type: 'otp', status: '1' })).toBe(text({ token_type: 'otp-offline', status: '' }));
  });

  test('is empty for a row that says nothing', () => {
    expect(text({ username: '', token_type: '' })).toBe('');
  });
});
