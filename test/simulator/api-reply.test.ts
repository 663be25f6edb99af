import { expect, test } from 'vitest';
import { refuse, succeed } from '../../src/simulator/api-reply.js';

test('a success is code 0 as a string', () => {
  expect(succeed('{"key":"K"}')).toEqual({ code: '0', message: 'Success', object: '{"key":"K"}' });
});

test('a refusal says what the code means, and what is wrong when that is known', () => {
  expect(refuse('22002')).toEqual({ code: '22002', message: 'User not found', object: '' });
  expect(refuse('10002', 'status is missing').message).toBe('Invalid input: status is missing');
});

test('a code that no document lists is a refusal like others', () => {
  expect(refuse('77777')).toEqual({ code: '77777', message: 'Undocumented return code', object: '' });
});
