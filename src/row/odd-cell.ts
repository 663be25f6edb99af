const NO_VALUE = 'is what a spreadsheet shows where there is no value';

/** What a cell holds where its value was lost on the way, and what was lost. */
const DAMAGE: readonly { readonly pattern: RegExp; readonly problem: string }[] = [
  { pattern: /\ufffd/u, problem: 'holds a character that was lost when the file was written' },
  {
    pattern: /^[+-]?\d+(?:[.,]\d+)?[eE][+-]\d+$/,
    problem: 'is a number that a spreadsheet has shortened',
  },
  { pattern: /^\d{5,}[.,]0$/, problem: 'is a number to which a program has given a decimal' },
  {
    pattern: /^#(?:N\/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|DIV\/0!|NULL!|NUM!|ZAHL!|SPILL!|CALC!|GETTING_DATA|#+)$/i,
    problem: NO_VALUE,
  },
  // Of a spreadsheet in another language, by its capitals and the signs around them: #¿NOMBRE?, #N/D.
  { pattern: /^#(?:[¡¿]?\p{Lu}[\p{Lu}/0_ ]*[!?]|\p{Lu}\/\p{Lu})$/u, problem: NO_VALUE },
];

/** What none of these is without; hardly any cell has it. */
const SIGN = /[\ufffd#]|[eE][+-]|[.,]0$/;

/** Why the cell can't be what somebody meant to write; nothing for one that may be. */
export function damageOf(cell: string): string | undefined {
  return SIGN.test(cell) ? damageIn(cell) : undefined;
}

function damageIn(cell: string): string | undefined {
  return DAMAGE.find(({ pattern }) => pattern.test(cell))?.problem;
}

/** Is this what programs write for no value? People are called so, too. */
export function isNoName(username: string): boolean {
  return /^(?:null|nil|nan|none|undefined|n\/a|\(null\))$/i.test(username);
}
