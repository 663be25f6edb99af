/** What the server saw of one send. */
export interface SeenSend {
  readonly n: number;
  readonly tokenType: 'otp' | 'pki';
  readonly username: string;
  /** Epoch ms. */
  readonly at: number;
  readonly timestamp?: string;
  readonly applied: boolean;
  readonly key?: string;
  readonly fault?: string;
}

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

export class Checker {
  constructor(options: {
    readonly scenario: object;
    readonly folder: string;
    readonly isRegistered: (tokenType: string, username: string) => boolean;
  });
  readonly violations: readonly string[];
  readonly doubts: { readonly open: number; readonly unseen: number; readonly ahead: number };
  beginRun(where: string): void;
  noteSend(send: SeenSend): void;
  afterKill(said: Said): void;
  afterRun(said: Said, exitCode: number): void;
}
