/** Most usernames are of these alone: they are as they are. */
const PLAIN = /^[!-@[-~]*$/;
const ASCII = /^[!-~]*$/;

/** Without what people pass over: case, how accents and wide letters are written, blanks at the ends, the invisible. */
export function equalName(username: string): string {
  if (PLAIN.test(username)) return username;
  if (ASCII.test(username)) return username.toLowerCase();
  // Down first, then up, where letters have one form that have two, or none, in small ones: ß and SS, a sigma at the end.
  const plain = username.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
  return plain.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '').trim();
}
