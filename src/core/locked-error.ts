export class LockedError extends Error {
  override readonly name = 'LockedError';
}
