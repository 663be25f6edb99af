import { bare } from './column.js';
import type { InputColumn } from './column.js';

/** What exports call the columns that we read, the likeliest first; blanks, `_` and `-` make no difference. */
const OTHER_NAMES: Readonly<Record<InputColumn, readonly string[]>> = {
  username: [
    ...['userid', 'user', 'uid', 'login', 'loginname', 'loginid', 'logonname', 'account', 'accountname'],
    ...['samaccountname', 'upn', 'userprincipalname', 'benutzername', 'benutzer', 'anmeldename', 'kennung'],
    ...['usuario', 'utilisateur', 'nomutilisateur', 'email', 'mail', 'emailaddress'],
  ],
  token_type: ['token', 'type', 'tokenkind', 'kind', 'tokenart', 'art', 'method', 'authmethod', 'authtype'],
  signature_path: [
    ...['signature', 'signaturefile', 'signaturefilename', 'sigfile', 'sigpath', 'signatur', 'signaturdatei'],
    ...['certificate', 'certificatefile', 'certfile', 'zertifikat', 'pkcs7', 'pkcs7file', 'p7s', 'file', 'filename'],
  ],
  status: ['tokenstatus', 'state', 'tokenstate', 'zustand'],
  algorithm: ['algo', 'alg', 'hash', 'hashalgorithm', 'digest', 'digestalgorithm', 'algorithmus'],
};

/** The name that could mean a column. */
function nearName(column: InputColumn, names: readonly string[]): string | undefined {
  const known = OTHER_NAMES[column].map((other) => names.find((name) => bare(name) === other));
  return known.find((name) => name !== undefined) ?? names.find((name) => isTypo(bare(name), bare(column)));
}

/** What to type for columns that are not there, when the header has some that could be meant. */
export function mapFlags(missing: readonly InputColumn[], names: readonly string[]): readonly string[] {
  return missing.flatMap((column) => {
    const name = nearName(column, names);
    return name === undefined ? [] : [mapFlag(column, name)];
  });
}

/** The names that are near hold nothing that a shell would take for its own but blanks. */
function mapFlag(column: InputColumn, name: string): string {
  const value = `${column}=${name.trim()}`;
  return `--map ${/\s/.test(value) ? `"${value}"` : value}`;
}

/** Are they one letter apart, or is one of them two letters that changed places? */
function isTypo(name: string, right: string): boolean {
  if (!/^[a-z]+$/.test(name) || Math.abs(name.length - right.length) > 1) return false;
  let at = 0;
  while (at < right.length && name[at] === right[at]) at += 1;
  const [rest, restRight] = [name.slice(at), right.slice(at)];
  const swapped = `${rest.charAt(1)}${rest.charAt(0)}${rest.slice(2)}`;
  return (
    rest.slice(1) === restRight.slice(1) ||
    rest === restRight.slice(1) ||
    rest.slice(1) === restRight ||
    swapped === restRight
  );
}
