/** Everybody's address has the same. */
const AFTER_AT = /@\S+/g;

/** Letters and digits of a text, in words, without case, accents and compatibility forms. */
function wordsOf(text: string): string[] {
  return (
    text
      .replaceAll(AFTER_AT, ' ')
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** What one name is known by, in whatever order its words stand: `Jones, Bob` and `ACME\\bob.jones@acme.com` are one. */
export function nameKey(name: string): string | undefined {
  const words = wordsOf(withoutDomain(name));
  return words.length === 0 ? undefined : words.sort().join('');
}

/** The same of a mail address or a principal name; undefined for what is none. */
export function addressKey(name: string): string | undefined {
  const address = name.normalize('NFKC').trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined;
}

function withoutDomain(name: string): string {
  return name.replace(/^.*\\/, '');
}

/** A part of a name that is shorter is in too many of them. */
const SHORTEST_WORD = 3;

/**
 * Could this username be of the person that these names are of? `asmith`, `alice.smith` and `E1234` are like "Alice
 * Smith, e1234": some word of the one is in the other. What is unlike is worth a look, and no more.
 */
export function isLike(username: string, names: string): boolean {
  const [own, theirs] = [wordsOf(withoutDomain(username)), wordsOf(names)];
  const [ownText, theirText] = [own.join(''), theirs.join('')];
  const isIn = (text: string) => (word: string) => word.length >= SHORTEST_WORD && text.includes(word);
  return own.some(isIn(theirText)) || theirs.some(isIn(ownText)) || (ownText !== '' && theirs.includes(ownText));
}
