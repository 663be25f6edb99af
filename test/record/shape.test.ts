import { expect, it } from 'vitest';
import {
  isCount,
  isEpochMs,
  isFlag,
  isNumber,
  isScalar,
  isText,
  isTimeText,
  listOf,
  mapOf,
  maybe,
  objectOf,
  orNull,
} from '../../src/record/shape.js';
import type { Shape } from '../../src/record/shape.js';

const isPoint = objectOf<{ x: number; y?: number }>({ x: isNumber, y: maybe(isNumber) });

interface Kind {
  readonly shape: Shape;
  readonly right: readonly unknown[];
  readonly wrong: readonly unknown[];
}

it.each<readonly [string, Kind]>([
  ['a text', { shape: isText, right: ['', 'x'], wrong: [1, null, undefined, []] }],
  ['a flag', { shape: isFlag, right: [true, false], wrong: [0, 'true', null] }],
  ['a number', { shape: isNumber, right: [0, -1.5], wrong: [Infinity, NaN, '1', null] }],
  ['a count', { shape: isCount, right: [0, 7], wrong: [-1, 1.5, 2 ** 53, '1'] }],
  ['a scalar', { shape: isScalar, right: ['', 1, false], wrong: [null, undefined, {}, []] }],
  ['a time', { shape: isTimeText, right: ['2026-01-31T08:00:00.000Z'], wrong: ['', 'soon', 0] }],
  ['a time in ms', { shape: isEpochMs, right: [0, 8.64e15, -8.64e15], wrong: [8.64e15 + 1024, NaN, Infinity, '0'] }],
  ['one that may be absent', { shape: maybe(isText), right: [undefined, ''], wrong: [null] }],
  ['one or null', { shape: orNull(isText), right: [null, ''], wrong: [undefined] }],
  ['a list', { shape: listOf(isText), right: [[], ['x']], wrong: [{}, ['x', 1], null] }],
  ['a map', { shape: mapOf(isText), right: [{}, { a: 'x' }], wrong: [[], null, 'x', { a: 1 }] }],
  [
    'an object',
    { shape: isPoint, right: [{ x: 1 }, { x: 1, y: 2, z: null }], wrong: [{}, { x: 1, y: null }, [], null, { y: 1 }] },
  ],
])('%s is known by its kind', (_, { shape, right, wrong }) => {
  expect(right.map(shape)).toEqual(right.map(() => true));
  expect(wrong.map(shape)).toEqual(wrong.map(() => false));
});

it('a member that all objects have is none of an object of ours', () => {
  const isNamed = objectOf<{ toString: unknown }>({ toString: maybe(isText) });
  expect(isNamed({})).toBe(true);
});
