/** Another run holds the stem. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}
