import fc from 'fast-check';
import { isOtpTypeAsked, TOKEN_TYPE_NAMES } from '../../src/row/token-type.js';
import { describe, expect, test } from 'vitest';
import { isCellProblem, parseSettlement } from '../../src/record/added-cells.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { settleUnsent } from '../../src/row/settlement.js';
import type { Settlement } from '../../src/row/settlement.js';
import {
  afterUndo,
  canShowGone,
  isOfUndo,
  isUndone,
  mayUndo,
  undoInDoubt,
  undoneBy,
  undoStatusOf,
  undoTypeOf,
  UNDO_WAY_NAMES,
} from '../../src/row/undo.js';
import { addedCells, anOtpRegistration, anySettlement, aRegistration, aSettlement, NOON } from '../support/builders.js';

const LATER = NOON + 3_600_000;
const undone = aSettlement({ outcome: 'undone', sentAt: LATER, detail: 'Deactivated.' });
const active = aSettlement({ outcome: 'registered', sentAt: LATER });
const doubted = aSettlement({ outcome: 'unknown', sentAt: LATER, attempts: 2 });

/** As the next command reads it from the results. */
function read(settlement: Settlement): Settlement {
  const found = parseSettlement(addedCells(settlement));
  if (found === undefined || isCellProblem(found)) throw new Error('not as we wrote it');
  return found;
}

describe('what the results say after an undo', () => {
  const registered = aSettlement({ detail: 'The key came in another shape than documented.' });
  const given = { ...registered, detail: `Active again by undo at 2026-01-31T13:00:00.250Z. ${registered.detail}` };

  test('names the way and the time, and keeps what was said of the registration', () => {
    expect(afterUndo(registered, undone, 'deactivate')).toEqual({
      ...registered,
      outcome: 'undone',
      detail: `Deactivated by undo at 2026-01-31T13:00:00.250Z: undo --how activate makes it valid again. ${registered.detail}`,
    });
    expect(afterUndo(registered, undone, 'unregister').detail).toMatch(/^Unregistered by undo at \S+Z\. The key/);
  });

  test('is what it was once it is given back, and tells of that', () => {
    const taken = read(afterUndo(registered, undone, 'deactivate'));
    expect(undoneBy(taken)).toBe('deactivate');
    expect(read(afterUndo(taken, active, 'activate'))).toEqual(given);
  });

  test('is a doubt that a person must see to, until the same undo ends it', () => {
    const doubt = read(afterUndo(registered, doubted, 'unregister'));
    expect(doubt).toMatchObject({ outcome: 'unknown', needsFix: true, attempts: 1 });
    expect([undoInDoubt(doubt), undoneBy(doubt), isOfUndo(doubt)]).toEqual(['unregister', undefined, true]);
    expect(UNDO_WAY_NAMES.filter((way) => mayUndo(doubt, way))).toEqual(['unregister']);
    expect(afterUndo(doubt, settleUnsent('refused', 'no'), 'unregister')).toEqual(registered);
    expect(afterUndo(doubt, doubted, 'unregister')).toEqual(doubt);
  });

  test('falls back to undone where giving back was in doubt, and then refused', () => {
    const taken = afterUndo(registered, undone, 'deactivate');
    const doubt = read(afterUndo(taken, doubted, 'activate'));
    expect(afterUndo(doubt, settleUnsent('refused', 'no'), 'activate')).toEqual(taken);
    expect(afterUndo(doubt, active, 'activate')).toEqual(given);
  });

  test('falls back to active again where taking back once more was in doubt, and then refused', () => {
    const doubt = read(afterUndo(given, doubted, 'deactivate'));
    expect(undoInDoubt(doubt)).toBe('deactivate');
    expect(afterUndo(doubt, settleUnsent('refused', 'no'), 'deactivate')).toEqual(given);
    expect(afterUndo(given, undone, 'deactivate')).toEqual(afterUndo(registered, undone, 'deactivate'));
  });

  test.each(['refused', 'invalid', 'unavailable', 'not_sent', 'already_registered', 'duplicate', 'key_lost'] as const)(
    'is the same when the undo is %s',
    (outcome) => expect(afterUndo(registered, settleUnsent(outcome, 'why'), 'deactivate')).toBe(registered),
  );

  test('is what it was, whatever was said of the row before, and however often', () => {
    fc.assert(
      fc.property(anySettlement, (any) => {
        const standing: Settlement = { ...any, outcome: 'registered', detail: `. ${any.detail}`.trimEnd() };
        const taken = afterUndo(standing, undone, 'deactivate');
        const again = afterUndo(afterUndo(taken, doubted, 'activate'), active, 'activate');
        expect(again).toEqual({
          ...standing,
          detail: expect.stringMatching(/^Active again by undo at \S+Z\./) as string,
        });
        expect(again.detail).toContain(standing.detail);
        const gone = afterUndo(taken, undone, 'unregister');
        expect(gone.detail.match(/by undo at/g)).toHaveLength(1);
      }),
    );
  });
});

describe('undo', () => {
  test('takes up what a send of this job registered for certain, and nothing else', () => {
    const taken = OUTCOME_NAMES.filter((outcome) => mayUndo(aSettlement({ outcome }), 'deactivate'));
    expect(taken).toEqual(['registered']);
    expect(mayUndo(aSettlement({ attempts: 0 }), 'unregister')).toBe(false);
    expect(mayUndo(aSettlement({ sentAt: undefined }), 'unregister')).toBe(false);
    expect(mayUndo(aSettlement(), 'activate')).toBe(false);
  });

  test('unregisters what was deactivated before, and gives back nothing that was unregistered', () => {
    const [off, gone] = (['deactivate', 'unregister'] as const).map((way) => afterUndo(aSettlement(), undone, way));
    if (off === undefined || gone === undefined) throw new Error('there are two');
    expect(UNDO_WAY_NAMES.filter((way) => mayUndo(off, way))).toEqual(['unregister', 'activate']);
    expect(UNDO_WAY_NAMES.filter((way) => mayUndo(gone, way))).toEqual([]);
  });

  test('knows what is like that already, by itself and not by others', () => {
    const off = afterUndo(aSettlement(), undone, 'deactivate');
    expect(UNDO_WAY_NAMES.filter((way) => isUndone(off, way))).toEqual(['deactivate']);
    const on = afterUndo(off, active, 'activate');
    expect(UNDO_WAY_NAMES.filter((way) => isUndone(on, way))).toEqual(['activate']);
    expect(isUndone(aSettlement(), 'activate')).toBe(false);
    expect(isUndone(afterUndo(off, doubted, 'activate'), 'activate')).toBe(false);
    expect(isUndone(afterUndo(on, settleUnsent('not_sent', 'why'), 'deactivate'), 'activate')).toBe(true);
  });

  test('of an outcome that somebody typed knows no way', () => {
    const typed = aSettlement({ outcome: 'undone', detail: 'by hand' });
    expect([undoneBy(typed), isOfUndo(typed)]).toEqual([undefined, true]);
    expect(UNDO_WAY_NAMES.filter((way) => mayUndo(typed, way))).toEqual([]);
  });

  test('sends what is documented: 3 and back again, of PKI with type 4, and of OTP what it is told', () => {
    const [otp, pki] = [anOtpRegistration(), aRegistration({ status: '1' })];
    expect(UNDO_WAY_NAMES.map((way) => undoStatusOf(otp, way))).toEqual(['3', undefined, '2']);
    expect(UNDO_WAY_NAMES.map((way) => undoStatusOf(pki, way))).toEqual(['3', undefined, '1']);
    for (const name of TOKEN_TYPE_NAMES) expect(undoTypeOf(name, undefined) === undefined).toBe(isOtpTypeAsked(name));
    expect([undoTypeOf('pki', '1'), undoTypeOf('otp', '1'), undoTypeOf('otp', undefined)]).toEqual([
      '4',
      '1',
      undefined,
    ]);
    expect(UNDO_WAY_NAMES.filter((way) => canShowGone('pki', way))).toEqual(['unregister']);
    expect(UNDO_WAY_NAMES.filter((way) => canShowGone('otp', way))).toEqual([]);
  });
});
