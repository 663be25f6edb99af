import { namesOf } from '../core/table.js';
import { ADDED_COLUMN_NAMES } from './added-column.js';

export interface InputColumnFacts {
  readonly needed: string;
  readonly values: string;
  /** What is wrong with a cell that can't be used. */
  readonly wrong: string;
  /** It says what is registered for a user, and not only how. */
  readonly isContent?: true;
  /** What exports call it, the likeliest first; blanks, `_` and `-` make no difference. */
  readonly otherNames: readonly string[];
}

/** The columns we read. Everything else in the input is carried through untouched. */
export const INPUT_COLUMNS = {
  username: {
    needed: 'always',
    values: 'as CENTAGATE knows it',
    wrong: 'no username that can be used',
    otherNames: [
      ...['userid', 'user', 'uid', 'login', 'loginname', 'loginid', 'logonname', 'account', 'accountname'],
      ...['samaccountname', 'upn', 'userprincipalname', 'benutzername', 'benutzer', 'anmeldename', 'kennung'],
      ...['usuario', 'utilisateur', 'nomutilisateur', 'email', 'mail', 'emailaddress'],
    ],
  },
  token_type: {
    needed: 'always',
    values: '`otp` or `pki` (synonyms: `otp-offline`, `pkcs7`, `cert`)',
    wrong: 'neither otp nor pki',
    otherNames: ['token', 'type', 'tokenkind', 'kind', 'tokenart', 'art', 'method', 'authmethod', 'authtype'],
  },
  signature_path: {
    needed: 'PKI',
    values: "relative to the CSV's folder or `--signatures-dir`; a PKCS#7 file as DER, PEM or base64 text",
    wrong: 'no signature that can be used',
    isContent: true,
    otherNames: [
      ...['signature', 'signaturefile', 'signaturefilename', 'sigfile', 'sigpath', 'signatur', 'signaturdatei'],
      ...['certificate', 'certificatefile', 'certfile', 'zertifikat', 'pkcs7', 'pkcs7file', 'p7s', 'file', 'filename'],
    ],
  },
  status: {
    needed: 'PKI (or `--default-status`)',
    values: '`1` pending, `2` valid, `3` temp-deactivated, `4` deactivated, by number or name',
    wrong: 'no status that CENTAGATE knows',
    isContent: true,
    otherNames: ['tokenstatus', 'state', 'tokenstate', 'zustand'],
  },
  algorithm: {
    needed: 'no',
    values: '`0`–`3` or `sha1 sha256 sha384 sha512`; when empty it is read from the signature',
    wrong: 'not known, or not what the signature is made with',
    otherNames: ['algo', 'alg', 'hash', 'hashalgorithm', 'digest', 'digestalgorithm', 'algorithmus'],
  },
} as const satisfies Record<string, InputColumnFacts>;
export type InputColumn = keyof typeof INPUT_COLUMNS;
export const INPUT_COLUMN_NAMES = namesOf(INPUT_COLUMNS);
/** What a row that was sent may be found changed in. */
export const CONTENT_COLUMNS = INPUT_COLUMN_NAMES.filter((name) => 'isContent' in INPUT_COLUMNS[name]);

const KNOWN_NAMES = new Map<string, string>(
  [...INPUT_COLUMN_NAMES, ...ADDED_COLUMN_NAMES].map((name) => [bare(name), name]),
);

/** `User Name`, `user_name` and `USERNAME` are the same column; one that we know comes back as it stands above. */
export function normaliseColumnName(name: string): string {
  return KNOWN_NAMES.get(bare(name)) ?? bare(name);
}

export function isKnownColumn(name: string): boolean {
  return KNOWN_NAMES.has(bare(name));
}

export function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]+/g, '');
}
