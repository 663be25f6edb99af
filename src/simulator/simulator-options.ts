import type { TokenType } from '../row/token-type.js';
import type { AdminLogin } from './admin-desk.js';
import type { ClockJump } from './clock-jump.js';
import type { SimulatorUser } from './directory.js';
import type { Downtime } from './downtime.js';
import type { FaultScript } from './fault-plan.js';
import type { Fault, FaultKind } from './fault.js';
import type { RateLimitOptions } from './rate-limit.js';
import type { TimestampUnit } from './registration-desk.js';
import type { SessionLimits } from './sessions.js';
import type { TakingBackCall } from './taking-back-desk.js';

export interface SimulatorOptions {
  /** 0, a free port, unless given. */
  readonly port?: number;
  /** PEM; the server speaks https when given. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly admin: string;
  readonly authToken: string;
  readonly secretCode: string;
  readonly login?: AdminLogin;
  readonly sessionLimits?: SessionLimits;
  /** When not given, every username is known and active and starts with nothing. */
  readonly users?: readonly SimulatorUser[];
  readonly latencyMs?: number;
  /** How far the server's clock (the timestamp check, the Date header) is ahead of this machine's. */
  readonly clockOffsetMs?: number;
  readonly clockJump?: ClockJump;
  /** `ms` unless given; `s` for clients built after the sample code. */
  readonly timestampUnit?: TimestampUnit;
  /** By their share of all sends that have no script. */
  readonly faults?: readonly Fault[];
  /** Of the generators for faults and activation keys: the same seed rehearses the same way. */
  readonly seed?: number;
  readonly script?: FaultScript;
  readonly rateLimit?: RateLimitOptions;
  /** Times in which it is away, apart from each other. */
  readonly downtimes?: readonly Downtime[];
  /** `missing`: the session check answers 404, as a server without it would. */
  readonly sessionCheck?: 'ok' | 'missing';
  /** The same for `user/auth/list`. */
  readonly userList?: 'ok' | 'missing';
  /** By which it knows an offline OTP token that is to be taken back; no document says: by none, unless given. */
  readonly otpType?: string;
  /** Called after each registration request is judged, before its answer leaves. */
  readonly onSend?: (send: Send) => void;
  /** The same of each call that is to take a token back. */
  readonly onTakenBack?: (takenBack: TakenBack) => void;
}

export interface TakenBack {
  readonly call: TakingBackCall;
  readonly username: string;
  readonly applied: boolean;
}

/** One registration request, as the server saw it. */
export interface Send {
  /** From 1, in the order in which the requests were complete. */
  readonly n: number;
  /** Epoch ms of the server's clock when the whole body was there. */
  readonly at: number;
  readonly tokenType: TokenType;
  /** Empty when the body has none. */
  readonly username: string;
  /** As it was sent, in whatever unit. */
  readonly timestamp?: string;
  readonly fault?: FaultKind;
  /** The return code of the answer; nothing when no whole answer with a code was given. */
  readonly code?: string;
  /** Whether a token was registered by this send. */
  readonly applied: boolean;
  /** The activation key that was made, also when its reply was lost. */
  readonly key?: string;
}
