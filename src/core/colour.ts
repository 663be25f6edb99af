/** When texts are coloured: what `--color` takes. */
export const COLOURING = ['auto', 'always', 'never'] as const;
type Colouring = (typeof COLOURING)[number];

/** SGR: how it begins and how it ends. */
const LOOKS = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;
export type Paint = Readonly<Record<keyof typeof LOOKS, (text: string) => string>>;

/** `--color` goes before `FORCE_COLOR`, that before `NO_COLOR`, as Node.js has it, and that before what the stream is. */
export function isColoured(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv,
  when: Colouring | undefined = 'auto',
): boolean {
  if (when !== 'auto') return when === 'always';
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  const isDumb = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return stream.isTTY === true && !isDumb;
}

/** How what is done, what needs another run, and what needs a person looks; words say it all the same. */
export const RETRY_LOOKS = { no: 'green', yes: 'yellow', fix: 'red' } as const;

export function openPaint(isOn: boolean): Paint {
  const look = ([on, off]: readonly [number, number]) =>
    isOn ? (text: string): string => `\u001b[${on}m${text}\u001b[${off}m` : (text: string): string => text;
  return { bold: look(LOOKS.bold), red: look(LOOKS.red), green: look(LOOKS.green), yellow: look(LOOKS.yellow) };
}
