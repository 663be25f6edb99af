import { expect, test } from 'vitest';
import { Proof } from '../../src/core/proof.js';

test('is open until it is known whether answers and requests are in step', () => {
  const [one, other] = [new Proof(), new Proof()];
  expect([one.isOpen, one.isTainted]).toEqual([true, false]);
  one.prove();
  other.taint();
  expect([one.isOpen, one.isTainted, other.isOpen, other.isTainted]).toEqual([false, false, false, true]);
});

test('ends once: what is said later changes nothing', () => {
  const [one, other] = [new Proof(), new Proof()];
  one.prove();
  one.taint();
  other.taint();
  other.prove();
  expect([one.isTainted, other.isTainted]).toEqual([false, true]);
});

test('tells of a taint once, also to those who come late, and of nothing else', () => {
  const told: string[] = [];
  const [one, other] = [new Proof(), new Proof()];
  for (const proof of [one, other]) proof.add({ onTaint: () => told.push(proof === one ? 'one' : 'other') });
  one.prove();
  one.add({ onTaint: () => told.push('late') });
  expect(told).toEqual([]);
  other.taint();
  other.taint();
  other.add({ onTaint: () => told.push('late') });
  expect(told).toEqual(['other', 'late']);
});
