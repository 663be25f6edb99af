import { createHash } from 'node:crypto';
import type { TokenType } from '../row/token-type.js';

export interface SimulatorUser {
  readonly username: string;
  readonly active: boolean;
  readonly hasOtp: boolean;
  readonly hasCertificate: boolean;
  /** SHA-1 of that certificate as hex digits; made up where it is not known. */
  readonly fingerprint?: string;
  /** Of the tokens whose status was set since they were registered, as the API has it: `2` valid, `3` deactivated. */
  readonly statuses?: Readonly<Partial<Record<TokenType, string>>>;
}

export interface Directory {
  find(username: string): SimulatorUser | undefined;
  /** Registers a token of this type to a user that `find` gives. */
  register(username: string, tokenType: TokenType, fingerprint?: string): void;
  /** Takes the token away; of a user that `find` gives. */
  unregister(username: string, tokenType: TokenType): void;
  setStatus(username: string, tokenType: TokenType, status: string): void;
  /** Of the user's certificates. */
  fingerprintsOf(username: string): readonly string[];
}

/** Without `known` users every username is an active user's, who starts with nothing. */
export function openDirectory(known?: readonly SimulatorUser[]): Directory {
  const users = new Map(known?.map((user) => [user.username, { ...user }]));
  const find = (username: string): SimulatorUser | undefined =>
    users.get(username) ?? (known === undefined ? newcomer(username) : undefined);
  const change = (username: string, by: (user: SimulatorUser) => Partial<SimulatorUser>): void => {
    const user = find(username);
    if (user === undefined) throw new Error(`${username} is not a user`);
    users.set(username, { ...user, ...by(user) });
  };
  return {
    find,
    register: (username, tokenType, fingerprint) => change(username, () => grant(tokenType, fingerprint)),
    unregister: (username, tokenType) =>
      change(username, () => ({ [tokenType === 'otp' ? 'hasOtp' : 'hasCertificate']: false })),
    setStatus: (username, tokenType, status) =>
      change(username, ({ statuses }) => ({ statuses: { ...statuses, [tokenType]: status } })),
    fingerprintsOf(username) {
      const user = find(username);
      if (user?.hasCertificate !== true) return [];
      return [user.fingerprint ?? createHash('sha1').update(username).digest('hex')];
    },
  };
}

function grant(tokenType: TokenType, fingerprint: string | undefined): Partial<SimulatorUser> {
  switch (tokenType) {
    case 'otp':
      return { hasOtp: true };
    case 'pki':
      return { hasCertificate: true, ...(fingerprint !== undefined && { fingerprint }) };
  }
}

function newcomer(username: string): SimulatorUser {
  return { username, active: true, hasOtp: false, hasCertificate: false };
}
