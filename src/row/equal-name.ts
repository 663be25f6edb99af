/** Most usernames are of these alone: they are as they are. */
const PLAIN = /^[!-@[-~]*$/;
const ASCII = /^[!-~]*$/;

/**
 * What usernames share that people would take for the same: they differ in case, in how accents or wide letters are
 * written, in blanks at the ends, or in what nobody sees.
 */
export function equalName(username: string): string {
  if (PLAIN.test(username)) return username;
  if (ASCII.test(username)) return username.toLowerCase();
  // Down first, then up, where letters have one form that have two, or none, in small ones: ß and SS, a sigma at the end.
  const plain = username.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
  return plain.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '').trim();
}
