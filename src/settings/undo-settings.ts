import { UNDO_WAY_NAMES } from '../row/undo.js';
import type { Setting } from './setting-rule.js';

/** How registrations are taken back: flags of `undo` alone. */
export const UNDO_SETTINGS = {
  how: {
    flag: 'how',
    kind: 'choice',
    choices: UNDO_WAY_NAMES,
    default: 'deactivate',
    group: 'undoing',
    describe: 'deactivate a token, which activate makes valid again, or unregister it for good',
    commands: ['undo'],
    common: ['undo'],
  },
  otpType: {
    flag: 'otp-type',
    kind: 'string',
    // That one is known to be PKI.
    pattern: /^(?!4$)[1-9]\d?$/,
    needs: 'the number of a token type, which is not 4 (PKI)',
    group: 'undoing',
    placeholder: 'N',
    describe: 'by which type this server takes back an offline OTP token; no document says, so OTP rows need it',
    commands: ['undo'],
    common: ['undo'],
  },
  yes: {
    flag: 'yes',
    kind: 'boolean',
    group: 'undoing',
    describe: 'do not ask for the number of people; it needs --expect-rows',
    commands: ['undo'],
    common: ['undo'],
  },
} as const satisfies Record<string, Setting>;
