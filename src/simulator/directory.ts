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
  register(username: string, tokenType: TokenType): void;
}

/** Without `known` users every username is an active user's, who starts with nothing. */
export function openDirectory(known?: readonly SimulatorUser[]): Directory {
  const users = new Map(known?.map((user) => [user.username, { ...user }]));
  const find = (username: string): SimulatorUser | undefined =>
    users.get(username) ?? (known === undefined ? newcomer(username) : undefined);
  return {
    find,
    register(username, tokenType) {
      const user = find(username);
      if (user === undefined) throw new Error(`${username} is not a user`);
      users.set(username, { ...user, ...(tokenType === 'otp' ? { hasOtp: true } : { hasCertificate: true }) });
    },
  };
}

function newcomer(username: string): SimulatorUser {
  return { username, active: true, hasOtp: false, hasCertificate: false };
}
