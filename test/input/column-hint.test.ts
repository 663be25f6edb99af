import { expect, test } from 'vitest';
import type { InputColumn } from '../../src/input/column.js';
import { mapFlags } from '../../src/input/column-hint.js';

test.each<[InputColumn, string[], string]>([
  ['username', ['UserID'], 'username=UserID'],
  ['username', ['Department', 'Login'], 'username=Login'],
  // Who has both is known by the first of them.
  ['username', ['E-Mail', 'user_id'], 'username=user_id'],
  ['username', ['UPN'], 'username=UPN'],
  ['username', ['usrname'], 'username=usrname'],
  ['username', ['usernname'], 'username=usernname'],
  ['username', ['usenrame'], 'username=usenrame'],
  ['username', ['usernane'], 'username=usernane'],
  ['token_type', ['Token'], 'token_type=Token'],
  ['token_type', ['tokentpye'], 'token_type=tokentpye'],
  ['signature_path', [' Signature File '], '"signature_path=Signature File"'],
  ['signature_path', ['Zertifikat'], 'signature_path=Zertifikat'],
  ['status', ['Token-Status'], 'status=Token-Status'],
  ['algorithm', ['Hash'], 'algorithm=Hash'],
])('for %s, %j suggest %s', (column, names, value) => {
  expect(mapFlags([column], names)).toEqual([`--map ${value}`]);
});

test.each<[InputColumn, string]>([
  ['username', 'name'],
  ['username', 'usxrnbme'],
  ['username', 'superusername'],
  ['status', 'note'],
  ['token_type', ''],
  ['algorithm', 'constructor'],
])('for %s, %j suggests nothing', (column, name) => {
  expect(mapFlags([column], [name])).toEqual([]);
});

test('what is suggested is safe to type: a name that a shell would read is never near', () => {
  expect(mapFlags(['username'], ['$(login)', 'user;id', 'login`', 'user"id', '\u202elogin'])).toEqual([]);
});
