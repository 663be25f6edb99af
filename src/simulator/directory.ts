import { createHash } from 'node:crypto';
import type { TokenType } from '../core/registration.js';

/** A user as the server keeps it. */
export interface SimulatorUser {
  readonly username: string;
  readonly active: boolean;
  readonly hasOtp: boolean;
  readonly hasCertificate: boolean;
}

/** The users and what is registered to them. */
export interface Directory {
  /** The user's present state. */
  find(username: string): SimulatorUser | undefined;
  /** Registers a token of this type to a user that `find` gives. */
  register(username: string, tokenType: TokenType, fingerprint?: string): void;
  /** SHA-1 of the user's certificates as hex digits; one that was there from the start has a made-up one. */
  fingerprintsOf(username: string): readonly string[];
}

/** Without `known` users every username is an active user's, who starts with nothing. */
export function openDirectory(known?: readonly SimulatorUser[]): Directory {
  const users = new Map(known?.map((user) => [user.username, { ...user }]));
  const fingerprints = new Map<string, string>();
  const find = (username: string): SimulatorUser | undefined =>
    users.get(username) ?? (known === undefined ? newcomer(username) : undefined);
  return {
    find,
    register(username, tokenType, fingerprint) {
      const user = find(username);
      if (user === undefined) throw new Error(`${username} is not a user`);
      users.set(username, { ...user, ...(tokenType === 'otp' ? { hasOtp: true } : { hasCertificate: true }) });
      if (fingerprint !== undefined) fingerprints.set(username, fingerprint);
    },
    fingerprintsOf(username) {
      if (find(username)?.hasCertificate !== true) return [];
      return [fingerprints.get(username) ?? createHash('sha1').update(username).digest('hex')];
    },
  };
}

function newcomer(username: string): SimulatorUser {
  return { username, active: true, hasOtp: false, hasCertificate: false };
}
