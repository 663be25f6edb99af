import type { Process } from '../core/process.js';

/** Can somebody be asked, and see what? */
export function canAsk({ stdin, stderr }: Pick<Process, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY && stderr.isTTY;
}

/** Asks on the terminal for a number that nobody types by habit. @returns whether it was that */
export async function askNumber(
  { stdin, stderr }: Pick<Process, 'stdin' | 'stderr'>,
  question: string,
  right: number,
): Promise<boolean> {
  stderr.write(question);
  let typed = '';
  for await (const chunk of stdin) {
    typed += String(chunk);
    if (/[\r\n]/.test(typed)) break;
  }
  return typed.trim() === String(right);
}
