import { showName } from '../core/safe-text.js';
import { endlessProblem, MAX_PEM_BYTES } from '../core/small-file.js';

/**
 * What Node.js itself takes from the environment and does before this program can say no: each would let secrets out, or is
 * meant to. All of it is often set for all programs of a machine, by somebody who thinks of another one.
 */

/** Sections of `NODE_DEBUG` that write addresses, heads or bytes of what is sent and received. */
const TELLING_SECTIONS = ['http', 'https', 'http2', 'undici', 'fetch', 'websocket', 'tls', 'net', 'stream'];

/** Options of `NODE_OPTIONS` without their dashes, and what each does. */
const TELLING_OPTIONS: readonly (readonly [name: RegExp, does: string])[] = [
  [/^trace-tls$/, 'writes what is sent under TLS to standard error'],
  [/^tls-keylog$/, 'writes the keys of all connections to a file'],
  [/^heapsnapshot-(?:signal|near-heap-limit)$/, 'writes the memory of this program to a file'],
  [/^report-(?:on-fatalerror|on-signal|uncaught-exception)$/, 'writes the environment of this program to a file'],
];
/** They run what others wrote within this program. */
const LOADING_OPTIONS = /^(?:require|import|loader|experimental-loader)$/;

/** Why nothing that has secrets starts with this environment: a sentence for each variable, with its name. */
export function findTellingVariables(env: NodeJS.ProcessEnv): string[] {
  return [...findUnchecked(env), ...findDebugged(env), ...findTellingOptions(env)];
}

/** Whatever has opened it, an option in one of many spellings or a signal: who is connected there sees all secrets. @param url of the inspector */
export function findDebugger(url: string | undefined): string[] {
  if (url === undefined) return [];
  return [
    `this program is open to a debugger (${new URL(url).host}), which sees all secrets: take --inspect out of NODE_OPTIONS and of the command, and send it no SIGUSR1`,
  ];
}

/** Node itself reads these whole, and waits for a pipe as long as nobody writes to it. */
const ROOTS = ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'];

/** Why nothing that needs certificates starts with this environment. */
export function findEndlessRoots(env: NodeJS.ProcessEnv): string[] {
  return ROOTS.flatMap((name) => {
    const path = env[name] ?? '';
    const problem = path === '' ? undefined : endlessProblem(path, MAX_PEM_BYTES);
    return problem === undefined
      ? []
      : [`${name}: ${showName(path)} ${problem}: name a file of certificates, or unset it`];
  });
}

/** The options of `NODE_OPTIONS` that load what is not ours, as they are written. */
export function findLoadingOptions(env: NodeJS.ProcessEnv): string[] {
  return optionsOf(env)
    .filter((name) => LOADING_OPTIONS.test(name))
    .map((name) => `--${name}`);
}

function findUnchecked({ NODE_TLS_REJECT_UNAUTHORIZED: text = '' }: NodeJS.ProcessEnv): string[] {
  if (text === '' || text === '1') return [];
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED: is there to switch off the check of certificates, which is never off here: unset it, and give an authority of your own with --ca',
  ];
}

function findDebugged({ NODE_DEBUG: text = '' }: NodeJS.ProcessEnv): string[] {
  const told = TELLING_SECTIONS.filter((section) => text.split(',').some((part) => names(part, section)));
  if (told.length === 0) return [];
  return [
    `NODE_DEBUG: writes what is sent and received to standard error, secrets too (${told.join(', ')}): unset it, or name other sections`,
  ];
}

/** As Node reads it: letters of either case, and `*` for anything. */
function names(part: string, section: string): boolean {
  const pattern = part.replaceAll(/[^\w*]/g, String.raw`\$&`).replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`, 'i').test(section);
}

function findTellingOptions(env: NodeJS.ProcessEnv): string[] {
  return optionsOf(env).flatMap((name) => {
    const [, does] = TELLING_OPTIONS.find(([pattern]) => pattern.test(name)) ?? [];
    return does === undefined ? [] : [`NODE_OPTIONS: --${name} ${does}: take it out`];
  });
}

/** Their names alone: a value may hold what is nobody's business. Node takes `_` for `-`, and `-r` for `--require`. */
function optionsOf({ NODE_OPTIONS: text = '' }: NodeJS.ProcessEnv): string[] {
  const written = [...text.matchAll(/(?<![^\s"])(?:--([a-z][\w-]*)|-r(?=[\s"]|$))/gi)];
  return [...new Set(written.map(([, name = 'require']) => name.replaceAll('_', '-').toLowerCase()))];
}
