/** Most usernames are of these alone: they are as they are. */
const PLAIN = /^[!-@[-~]*$/;

/**
 * What usernames share that people would take for the same: they differ in case, in how accents or wide letters are
 * written, in blanks at the ends, or in what nobody sees.
 */
export function equalName(username: string): string {
  if (PLAIN.test(username)) return username;
  const plain = username.normalize('NFKC').toLowerCase().normalize('NFC');
  return plain.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '').trim();
}
