import { describe, expect, it } from 'vitest';
import { addressKey, isAnother, isLike, nameKey, shortKeys } from '../../src/signature/likeness.js';

describe('a name is looked for', () => {
  it.each(['bob.jones', 'Jones, Bob', 'ACME\\bob_jones', 'Bob.JONES@acme.example', 'Böb Jonés'])(
    'by its words, in whatever order: %s',
    (name) => expect(nameKey(name)).toBe('bobjones'),
  );

  it('by nothing where it has no word', () => expect(nameKey(' - ')).toBeUndefined());

  it('by its address, where it is one', () => {
    expect(addressKey(' Bob@Acme.example')).toBe('bob@acme.example');
    expect(['bob', 'bob@', 'bob jones@acme.example', ''].map(addressKey)).toEqual(Array(4).fill(undefined));
  });
});

describe('a username is like the names of a certificate', () => {
  it.each([
    ['alice.smith', 'Alice Smith'],
    ['asmith', 'Alice Smith'],
    ['smith_a', 'Alice Smith'],
    ['e4711', 'Smith A., E-4711'],
    ['zoe.andersson', 'Zoë Andersson'],
    ['ACME\\alice', 'ALICE'],
    ['alice@acme.example', 'alice@other.example'],
    ['li', 'Li Wei'],
    ['awu', 'Amy Wu'],
    ['wua', 'Wu, Amy'],
    ['l.wu', 'Amy Lee Wu'],
    ['李伟明', '李伟明'],
  ])('%s: %s', (username, names) => {
    expect(isLike(username, names)).toBe(true);
  });

  it.each([
    ['bob', 'Alice Smith'],
    ['bob@acme.example', 'alice@acme.example'],
    ['acme\\bob', 'Alice Acme'],
    ['al', 'Alice Smith'],
    ['bwu', 'Amy Wu'],
    ['bob', ''],
    ['--', 'Alice'],
  ])('but not %s: %s', (username, names) => {
    expect(isLike(username, names)).toBe(false);
  });
});

describe('a name is put short', () => {
  it.each([
    ['Aisyah Rahman', ['arahman', 'rahmana', 'raisyah', 'aisyahr']],
    ['Aisyah binti Rahman', ['arahman', 'rahmana', 'raisyah', 'aisyahr']],
    ['RAHMAN, Aisyah', ['raisyah', 'aisyahr', 'arahman', 'rahmana']],
    ['aisyah.rahman@acme.example', ['arahman', 'rahmana', 'raisyah', 'aisyahr']],
    ['Rahman', []],
    ['Amy Wu', []],
    ['Card 1234', []],
    ['', []],
  ])('%s as %j', (name, keys) => {
    expect(shortKeys(name)).toEqual(keys);
  });
});

describe('a username must be of another person', () => {
  it.each([
    ['bob', 'Aisyah Rahman'],
    ['nrahman', 'Aisyah Rahman'],
    ['n.rahman@acme.example', 'Aisyah Rahman'],
    ['rahmann', 'Aisyah Rahman'],
  ])('%s: %s', (username, names) => {
    expect(isAnother(username, names)).toBe(true);
  });

  it.each([
    ['arahman', 'Aisyah Rahman'],
    ['rahmana', 'Aisyah Rahman'],
    ['nrahman', 'Nur Aisyah Rahman'],
    ['aisyah', 'Aisyah Rahman'],
    ['nur.rahman', 'Aisyah Rahman'],
    ['bob2', 'Aisyah Rahman'],
    ['E1001', 'Aisyah Rahman'],
    ['--', 'Aisyah Rahman'],
  ])('but not %s: %s', (username, names) => {
    expect(isAnother(username, names)).toBe(false);
  });
});
