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

/**
 * How usernames put the owner of this name short, as {@link nameKey} has them: the first letter of one outer word and the
 * other one, since either may be the surname, in whatever order. `arahman`, `rahmana` and `raisyah` are of "Aisyah Rahman".
 */
export function shortKeys(name: string): readonly string[] {
  const words = wordsOf(withoutDomain(name));
  const [first = '', last = ''] = [words[0], words.at(-1)];
  if (words.length < 2 || ![first, last].every(isName)) return [];
  return [first.charAt(0) + last, last + first.charAt(0), last.charAt(0) + first, first + last.charAt(0)];
}

/** A part of a name that is shorter is in too many of them. */
const SHORTEST_WORD = 3;

function isName(word: string): boolean {
  return word.length >= SHORTEST_WORD && /^\p{L}+$/u.test(word);
}

/**
 * Could this username be of the person that these names are of? `asmith`, `alice.smith` and `E1234` are like "Alice
 * Smith, e1234": some word of the one is in the other. What is unlike is worth a look, and no more.
 */
export function isLike(username: string, names: string): boolean {
  const [own, theirs] = [wordsOf(withoutDomain(username)), wordsOf(names)];
  const [ownText, theirText] = [own.join(''), theirs.join('')];
  const isIn = (text: string) => (word: string) => word.length >= SHORTEST_WORD && text.includes(word);
  return (
    own.some(isIn(theirText)) ||
    theirs.some(isIn(ownText)) ||
    (ownText !== '' && theirs.includes(ownText)) ||
    lettersBeside(ownText, theirs).some((letter) => beginsOne(theirs, letter))
  );
}

/** Must it be another person's? Of namesakes too: `nrahman` shares a word with "Aisyah Rahman". A number names nobody. */
export function isAnother(username: string, names: string): boolean {
  const own = wordsOf(withoutDomain(username)).join('');
  if (!/^\p{L}+$/u.test(own)) return false;
  if (!isLike(username, names)) return true;
  const theirs = wordsOf(names);
  const letters = lettersBeside(own, theirs.filter(isName));
  return letters.length > 0 && !letters.some((letter) => beginsOne(theirs, letter));
}

/** The letter before or behind one of these words, where a text is nothing more. */
function lettersBeside(text: string, words: readonly string[]): readonly string[] {
  const [first, last] = [text.charAt(0), text.slice(-1)];
  return words.flatMap((word) => [...(text === first + word ? [first] : []), ...(text === word + last ? [last] : [])]);
}

function beginsOne(words: readonly string[], letter: string): boolean {
  return words.some((word) => word.startsWith(letter));
}
