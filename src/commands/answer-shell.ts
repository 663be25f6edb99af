import { homedir } from 'node:os';
import { bashCut, complete, joinBashWords, toCompletionText } from '../help/completion.js';
import type { ColumnsOf } from '../help/completion.js';
import { NAME } from '../help/command-words.js';

/** What the scripts of the program ask with; any other word is of a script that yargs wrote once. */
const ASKING = '--complete';

/** The answer to a shell: which words may come next. What goes wrong on the way is no answer, and no error. */
export async function answerShell([asking, ...words]: readonly string[]): Promise<string> {
  if (asking !== ASKING) {
    const { candidates } = await complete(words[0] === NAME ? words.slice(1) : words, readColumns);
    return candidates.map(({ word }) => `${word}\n`).join('');
  }
  const [shell, ...given] = words;
  if (shell === 'bash') {
    const typed = joinBashWords(given);
    return toCompletionText(await complete(typed, readColumns), bashCut(typed.at(-1) ?? ''));
  }
  // An empty word would get lost on the way.
  const typed = shell === 'powershell' ? given.map((word) => word.replaceAll(/^["']|["']$/g, '')) : given;
  return toCompletionText(await complete(typed, readColumns));
}

const readColumns: ColumnsOf = async (input) => {
  try {
    const { readColumnNames } = await import('../input/columns-of-file.js');
    return await readColumnNames(input.replace(/^~(?=[/\\])/, homedir()));
  } catch {
    return [];
  }
};
