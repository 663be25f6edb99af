import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { showName, showText } from '../core/safe-text.js';
import { StateError } from '../core/state-error.js';
import { takeLock } from './lock.js';
import type { Lock } from './lock.js';
import type { LockHolder } from './lock-holder.js';
import { makePrivate } from '../disk/private-folder.js';
import { isRunning } from './process-identity.js';

export interface AdministratorLocking {
  /** Where the runs of this user on this machine meet. */
  readonly folder: string;
  readonly server: string;
  readonly admin: string;
  readonly self: LockHolder;
  readonly clock: Clock;
  readonly warn: (text: string) => void;
}

/**
 * Keeps two runs of one user on one machine from logging in as the same administrator: a server may allow one session
 * each, and then every login ends the session of the other run. Refused and not waited for: the other one may take hours,
 * and whoever started this one should know of it now. Where no lock can be had the run goes on without it.
 */
export class AdministratorLock {
  readonly self: LockHolder;
  readonly #locking: AdministratorLocking;
  #lock: Lock | undefined;
  #isWarned = false;

  constructor(locking: AdministratorLocking) {
    this.self = locking.self;
    this.#locking = locking;
  }

  /** Takes it, unless we have it. @throws {LockedError} when another run has it */
  async take(): Promise<void> {
    if (this.#lock !== undefined) return;
    const { folder, server, admin, self, clock } = this.#locking;
    const problem = makePrivate(folder);
    if (problem !== undefined) {
      this.#warn(`${showName(folder)}: ${problem}`);
      return;
    }
    // A name tells nobody who is an administrator where, and holds whatever the two may hold.
    const digest = createHash('sha256').update(`${server}\n${admin}`).digest('hex');
    const path = join(folder, `${digest.slice(0, 32)}.lock`);
    const guarded = {
      name: `the session of ${showText(admin)} at ${server}, which a login of this one could end`,
      remedy: `give this one another administrator, or both one session (--auth-token-file); if it is surely dead, remove ${showName(path)}`,
    };
    try {
      this.#lock = await takeLock(path, clock, { self, isRunning, force: false, guarded });
      this.#lock.onLost((reason) => this.#warn(reason));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#warn(error.message);
    }
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  #warn(why: string): void {
    if (this.#isWarned) return;
    this.#isWarned = true;
    const { admin, warn } = this.#locking;
    warn(
      `nothing keeps another run on this machine from logging in as ${showText(admin)}, which may end this one's session: ${why}`,
    );
  }
}
