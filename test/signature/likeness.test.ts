import { describe, expect, it } from 'vitest';
import { addressKey, isLike, nameKey } from '../../src/signature/likeness.js';

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
    ['李伟明', '李伟明'],
  ])('%s: %s', (username, names) => {
    expect(isLike(username, names)).toBe(true);
  });

  it.each([
    ['bob', 'Alice Smith'],
    ['bob@acme.example', 'alice@acme.example'],
    ['acme\\bob', 'Alice Acme'],
    ['al', 'Alice Smith'],
    ['bob', ''],
    ['--', 'Alice'],
  ])('but not %s: %s', (username, names) => {
    expect(isLike(username, names)).toBe(false);
  });
});
