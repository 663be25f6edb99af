import { LockedError } from '../core/locked-error.js';
import type { Clock } from '../core/clock.js';
import { showText } from '../core/safe-text.js';
import type { Administrator } from '../gate/logins.js';
import { AdministratorLock } from '../record/administrator-lock.js';
import type { LockHolder } from '../record/lock-holder.js';
import { meetingFolder } from '../disk/private-folder.js';
import type { Settings } from '../settings/settings.js';

/** Who we are on this machine, and where a person is told of it. */
export interface AdministratorWorld {
  readonly self: LockHolder;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

export function openAdministratorLock(
  { server, session }: { readonly server: string; readonly session: { readonly admin: string } },
  { self, clock, warn }: AdministratorWorld,
): AdministratorLock {
  return new AdministratorLock({ folder: meetingFolder(), server, admin: session.admin, self, clock, warn });
}

/**
 * Takes the lock before anything else is done, where a login is all that there is. A session that was given is there to be
 * shared: the lock is taken when that is over, and a login is to follow.
 * @throws {LockedError} when another run has it
 */
export async function takeBeforehand(lock: AdministratorLock, { session }: Settings): Promise<void> {
  if (session.login !== undefined && session.tokens === undefined) await lock.take();
}

/** Who logs in, as those who do it know them. */
export function toAdministrator(name: string, lock: AdministratorLock): Administrator {
  return {
    name: showText(name),
    from: `process ${lock.self.pid} on ${lock.self.host}`,
    reserve: () =>
      lock.take().then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof LockedError) return error.message;
          throw error;
        },
      ),
  };
}
