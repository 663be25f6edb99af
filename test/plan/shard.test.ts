import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ownRate, parseShard, shardOf, shardText, toShard } from '../../src/plan/shard.js';

describe('a shard as it is typed', () => {
  it.each([
    ['0/8', { index: 0, count: 8 }],
    ['7/8', { index: 7, count: 8 }],
    ['0/1', { index: 0, count: 1 }],
    ['255/256', { index: 255, count: 256 }],
    ['auto', 'auto'],
  ])('%s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  it.each(['', '8/8', '1', '1/', '/8', '-1/8', '0/0', '0/257', '1.5/8', '1/8/2', ' 1/8', 'Auto'])('not %j', (text) => {
    expect(parseShard(text)).toBeUndefined();
  });

  it('is said as it is typed', () => {
    expect(shardText({ index: 3, count: 8 })).toBe('3/8');
    expect(toShard(3, 3)).toBeUndefined();
  });
});

describe('the shard of a user', () => {
  test.each([
    ['ann', 8, 5],
    ['', 8, 2],
    ['Jörg', 16, 12],
  ])('%j of %d is %d', (username, count, index) => {
    expect(shardOf(username, count)).toBe(index);
  });

  it('is the first four bytes of the SHA-256 of the name, modulo the number of shards', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 256 }), (username, count) => {
        const digest = createHash('sha256').update(username, 'utf8').digest();
        expect(shardOf(username, count)).toBe(digest.readUInt32BE(0) % count);
      }),
    );
  });
});

test('the rate is that of all shards together: each has its part', () => {
  expect(ownRate(100, { index: 3, count: 8 })).toBe(12.5);
  expect(ownRate(100, undefined)).toBe(100);
  expect(ownRate(undefined, { index: 3, count: 8 })).toBeUndefined();
});
