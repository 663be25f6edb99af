import { describe, expect, it, test } from 'vitest';
import { CertificateOwners, refusingExchanged } from '../../src/plan/certificate-owners.js';
import type { SignatureReading } from '../../src/signature/signature.js';
import { aRegistration } from '../support/builders.js';
import { aSettlement, fileOf, NAMES, resultsOf } from '../support/planning.js';
import type { OldRecord } from '../support/planning.js';
import { SIGNATURE } from '../support/row-world.js';

const USERS = [
  'alice.smith',
  'bob.smith',
  'ACME\\carl.jones',
  'dee@east.example',
  'dee@west.example',
  'E4711',
  'é.lee',
];

function inputOf(users: readonly string[], breaksAt?: number) {
  const rows = users.map((username) => [username, 'pki', 'a.p7s', '2']);
  return fileOf([NAMES, ...rows], breaksAt === undefined ? {} : { breaksAt });
}

/** The line of the user whose certificate it is, where that is not the row's own. */
async function lineOf(username: string, ...names: readonly string[]): Promise<number | undefined> {
  return (await new CertificateOwners({ input: inputOf(USERS) }).find(username, names))?.line;
}

describe('a certificate is of another user of the input', () => {
  it.each([
    ['alice.smith', ['Bob Smith'], 3],
    ['alice.smith', ['SMITH, Bob'], 3],
    ['alice.smith', ['A certificate', 'bob.smith@acme.example'], 3],
    ['alice.smith', ['Carl Jones'], 4],
    ['alice.smith', ['Dee', 'dee@west.example'], 5],
    ['alice.smith', ['e4711'], 7],
    ['alice.smith', ['E Lee'], 8],
    ['dee@east.example', ['Dee', 'dee@west.example'], 6],
  ])('of %s with %j: line %i', async (username, names, line) => {
    expect(await lineOf(username, ...names)).toBe(line);
  });
});

describe('a certificate is not of another user', () => {
  it.each([
    ['alice.smith', ['Alice Smith']],
    // The name of two people, and the address of one.
    ['bob.smith2', ['Bob Smith', 'bob.smith2@acme.example']],
    ['bob.smith@acme.example', ['Bob Smith', 'smith@other.example']],
    ['dee@east.example', ['Dee', 'dee@east.example', 'dee@west.example']],
    ['frank', ['Frances Miller']],
    ['frank', ['Smith']],
    ['frank', ['', '--']],
    ['--', ['Frances Miller']],
    ['alice.smith', []],
  ])('of %s with %j', async (username, names) => {
    expect(await lineOf(username, ...names)).toBeUndefined();
  });
});

describe('a username that puts a name short', () => {
  const SHORT = ['arahman', 'b.ismail', 'chewc', 'tan.d', 'nrahman', 'E1001', 'aisyah.lim'];
  const shortLine = async (users: readonly string[], username: string, ...names: readonly string[]) =>
    (await new CertificateOwners({ input: inputOf(users) }).find(username, names))?.line;

  it.each([
    ['arahman', 'Aisyah Rahman'],
    ['arahman', 'RAHMAN, Aisyah'],
    ['rahmana', 'Aisyah binti Rahman'],
    ['a.rahman', 'Aisyah Rahman'],
    ['awu', 'Amy Wu'],
    ['ACME\\ARahman@acme.example', 'Aisyah Rahman'],
  ])('%s is its owner as %s', async (username, name) => {
    expect(await shortLine([...SHORT, username, 'rahman.a', 'wua'], username, name)).toBeUndefined();
  });

  it.each([
    ['b.ismail', 'Aisyah Rahman', 2],
    ['b.ismail', 'RAHMAN, Aisyah', 2],
    ['arahman', 'Badrul Ismail', 3],
    ['arahman', 'Chong Chew', 4],
    ['arahman', 'Tan Dee', 5],
    // They share the surname, and not its owner.
    ['nrahman', 'Aisyah Rahman', 2],
    ['arahman', 'Nur Rahman', 6],
  ])('of %s has not this one, when it is of %s: line %i has it', async (username, name, line) => {
    expect(await shortLine(SHORT, username, name)).toBe(line);
  });

  it.each<[string, readonly string[], string, string]>([
    ['a number, which names nobody', [], 'E1001', 'Aisyah Rahman'],
    ['a given name, which may be theirs', [], 'aisyah', 'Aisyah Rahman'],
    ['a name that has theirs in it', [], 'aisyah.rahman2', 'Aisyah Rahman'],
    ['another form of it', [], 'aisyahr', 'Aisyah Rahman'],
    ['another middle name', [], 'nrahman', 'Aisyah Nur Rahman'],
    ['two users that come to the same', ['a.rahman'], 'b.ismail', 'Aisyah Rahman'],
    ['two users of two forms', ['rahmana'], 'b.ismail', 'Aisyah Rahman'],
    ['two users with two domains', ['a.lee@east.example', 'a.lee@west.example'], 'b.ismail', 'Ann Lee'],
    ['one word', [], 'b.ismail', 'Rahman'],
    ['a surname of two letters', ['awu'], 'b.ismail', 'Amy Wu'],
  ])('tells nothing of %s', async (...[, users, username, name]) => {
    expect(await shortLine([...SHORT, ...users], username, name)).toBeUndefined();
  });

  it('is one user, when two rows of theirs have it', async () => {
    expect(await shortLine(['arahman', 'arahman', 'b.ismail'], 'b.ismail', 'Aisyah Rahman')).toBe(2);
  });

  it('comes behind a whole name', async () => {
    expect(await shortLine([...SHORT, 'aisyah.rahman'], 'arahman', 'Aisyah Rahman')).toBe(9);
    expect(await shortLine([...SHORT, 'aisyah.rahman'], 'b.ismail', 'Aisyah Rahman')).toBe(9);
  });
});

test('the input is read for that once, and not before somebody has to know', async () => {
  let reads = 0;
  const file = inputOf(USERS);
  const input = { ...file, batches: () => ((reads += 1), file.batches()) };
  const owners = new CertificateOwners({ input });
  await owners.find('alice.smith', ['Alice Smith']);
  expect(reads).toBe(0);
  await Promise.all([owners.find('alice.smith', ['Bob Smith']), owners.find('alice.smith', ['Carl Jones'])]);
  expect(reads).toBe(1);
});

test('an input that breaks is known as far as it goes', async () => {
  const owners = new CertificateOwners({ input: inputOf(USERS, 4) });
  expect(await owners.find('x', ['Bob Smith'])).toMatchObject({ line: 3 });
  expect(await owners.find('x', ['Carl Jones'])).toBeUndefined();
});

describe('a failed file, which lacks who is done', () => {
  const row = (username: string, line: number, outcome: 'registered' | 'invalid'): OldRecord => [
    [username, 'pki', 'a.p7s', '2'],
    line,
    aSettlement(outcome),
  ];
  const results = fileOf(
    resultsOf([row('bob.smith', 2, 'registered'), row('alice.smith', 3, 'invalid'), row('carl.jones', 4, 'invalid')]),
    { name: 'users.results.csv' },
  );
  const owners = new CertificateOwners({ input: inputOf(['alice.smith', 'c.jones']), results });

  it('has them from the results', async () => {
    expect(await owners.find('alice.smith', ['Bob Smith'])).toEqual({ line: 2, file: 'users.results.csv' });
  });

  it('has who puts a name short from both, and of them alone whom the other one does not make two', async () => {
    const short = fileOf(resultsOf([row('arahman', 2, 'registered'), row('rahmana', 3, 'invalid')]));
    const find = (...users: readonly string[]) =>
      new CertificateOwners({ input: inputOf(users), results: short }).find('b.ismail', ['Aisyah Rahman']);
    expect(await find('b.ismail')).toEqual({ line: 2, file: 'users.csv' });
    expect(await find('b.ismail', 'a.rahman')).toBeUndefined();
  });

  it('has its own spelling of the others, which may be corrected there', async () => {
    expect(await owners.find('c.jones', ['Carl Jones'])).toBeUndefined();
    expect(await owners.find('c.jones', ['Alice Smith'])).toEqual({ line: 2 });
  });
});

describe('a row with the signature of another user', () => {
  const row = aRegistration({ username: 'alice.smith', signaturePath: 'b.p7s' });
  const signed = { signature: SIGNATURE, remarks: { fingerprint: 'ab', names: ['Bob Smith'], warnings: [] } };

  it('is kept back, with the line to look at', async () => {
    const read = refusingExchanged(() => signed, { input: inputOf(USERS), allowed: [] });
    expect(await read(row)).toMatchObject({
      rejection: {
        column: 'signature_path',
        reason: expect.stringMatching(
          /^signature file "b.p7s" is signed by "Bob Smith", who is the user of line 3; name the right file, or allow it with --allow other-signers/,
        ) as string,
      },
    });
  });

  it('goes when that is allowed', async () => {
    const read = refusingExchanged(() => signed, { input: inputOf(USERS), allowed: ['other-signers'] });
    expect(await read(row)).toBe(signed);
  });

  it.each<SignatureReading>([
    { signature: SIGNATURE },
    { rejection: { reason: 'is expired' } },
    { fault: { reason: 'could not be read (EIO)' } },
  ])('is for nobody to know by %j', async (reading) => {
    const read = refusingExchanged(() => reading, { input: inputOf(USERS), allowed: [] });
    expect(await read(row)).toBe(reading);
  });
});
