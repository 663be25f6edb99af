import { describe, expect, test } from 'vitest';
import { Blocks } from '../../src/gate/blocks.js';
import { ROWS } from '../../src/gate/outage.js';
import { anOtpRegistration, aRegistration, aReply, aStatus, anUnanswered } from '../support/builders.js';

const BLOCK = aStatus(400);
const rowOf = (username: string) => ({ registration: anOtpRegistration({ username }) });

describe('a block is for its row alone', () => {
  test('when others were answered since it came first, however many are blocked', () => {
    const [blocks, row] = [new Blocks(), rowOf('ann')];
    blocks.note(row, BLOCK);
    blocks.note(rowOf('ben'), aReply());
    for (const other of ['cid', 'dee', 'eve', 'fay']) blocks.note(rowOf(other), BLOCK);
    expect(blocks.note(row, BLOCK)).toBe(true);
  });

  test('when hardly another one was blocked since somebody was answered', () => {
    const blocks = new Blocks();
    blocks.note(rowOf('ben'), aReply());
    const rows = Array.from({ length: ROWS + 1 }, (_, at) => rowOf(`u${at}`));
    expect(rows.map((row) => blocks.note(row, BLOCK))).toEqual([true, true, false, false]);
    expect(blocks.note(rowOf('u0'), BLOCK)).toBe(false);
  });

  test('also when it comes last, and many others were blocked again whose blocks are known to be their own', () => {
    const [blocks, last] = [new Blocks(), rowOf('zoe')];
    const others = Array.from({ length: 2 * ROWS }, (_, at) => rowOf(`u${at}`));
    for (const other of others) blocks.note(other, BLOCK);
    blocks.note(rowOf('ben'), aReply());
    expect(others.map((other) => blocks.note(other, BLOCK))).toEqual(others.map(() => true));
    expect([blocks.note(last, BLOCK), blocks.note(last, BLOCK)]).toEqual([true, true]);
  });

  test('by a status that is mostly about the server, only when others were answered since', () => {
    const page = { ...aStatus(503), page: { contentType: 'text/html', title: 'Blocked' } };
    const [blocks, row] = [new Blocks(), rowOf('ann')];
    blocks.note(rowOf('ben'), aReply());
    expect([blocks.note(row, page), blocks.note(row, page)]).toEqual([false, false]);
    blocks.note(rowOf('cid'), aReply());
    expect(blocks.note(row, page)).toBe(true);
  });

  test('not before anybody was answered, nor by the answers of another endpoint', () => {
    const [blocks, row] = [new Blocks(), rowOf('ann')];
    expect(blocks.note(row, BLOCK)).toBe(false);
    blocks.note({ registration: aRegistration() }, aReply());
    expect(blocks.note(row, BLOCK)).toBe(false);
    blocks.note(rowOf('ben'), anUnanswered());
    expect(blocks.note(row, BLOCK)).toBe(false);
  });

  test('not for what it met in an earlier life', () => {
    const [blocks, row] = [new Blocks(), rowOf('ann')];
    blocks.note(row, BLOCK);
    blocks.end(row);
    blocks.note(rowOf('ben'), aReply());
    for (const other of ['cid', 'dee', 'eve']) blocks.note(rowOf(other), BLOCK);
    expect(blocks.note(row, BLOCK)).toBe(false);
  });

  test('and another reply is no block', () => {
    const blocks = new Blocks();
    for (const reply of [aReply(), aStatus(500), anUnanswered()]) expect(blocks.note(rowOf('ann'), reply)).toBe(false);
  });
});
