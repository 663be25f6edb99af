import { showText, startsFormula } from '../core/safe-text.js';
import type { ActivationKey } from './reply.js';

/** Nothing, where it came as it should. A key is not shown again: what is odd about it is said beside its row. */
export function describeKey(key: ActivationKey | undefined): string {
  if (key === undefined) {
    return 'Registered, but the reply carried no activation key: unregister the token, then rerun, to give the user one.';
  }
  if (key.text === '') {
    const isKept = key.raw !== undefined && key.raw.form !== 'left_out';
    const where = isKept
      ? 'the keys file has what came. Look there'
      : 'what came quotes a secret of ours. Ask the server';
    return `Registered, and nothing in the reply looks like an activation key: ${where} before you unregister the token.`;
  }
  return [describeShape(key), describeLooks(key)].filter((text) => text !== '').join(' ');
}

/** Did it come otherwise than documented? Then so may those of others. */
export function isOddShape({ bare, raw }: ActivationKey): boolean {
  return bare || raw?.isOdd === true;
}

function describeShape({ bare, raw }: ActivationKey): string {
  if (bare) return 'The reply carried a plain text in place of a key; the keys file has it: try it.';
  if (raw?.isOdd !== true) return '';
  const rest = raw.form === 'left_out' ? '' : ', and what came with it';
  return `The key came in another shape than documented; the keys file has what looks like it${rest}: try it.`;
}

function describeLooks({ text }: ActivationKey): string {
  if (!startsFormula(text) && showText(text, Infinity) === text) return '';
  return 'The key begins like a formula, or holds what is not shown. The keys file has it as it came: open that as plain text, in no spreadsheet.';
}
