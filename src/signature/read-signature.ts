import { hash } from 'node:crypto';
import type { Algorithm, PkiRegistration } from '../row/registration.js';
import { rejectAlgorithm, rejectFile, remarkOn } from './signature.js';
import type { Signature, SignatureChecks, SignatureJudgement } from './signature.js';
import { readAttached } from './attached-signature.js';
import { digestOf } from './scheme.js';
import type { Certificate } from './certificate.js';
import { checkInFull } from './full-check.js';
import type { FullCheckRules } from './full-check.js';
import { FOREIGN } from './flaw.js';
import { isContainer, readSignedData } from './signed-data.js';
import { readSigner } from './signer.js';
import { decodeFile } from './text-form.js';

/** How a signature is judged; the rest of the rules is for the full check alone. */
export interface SignatureRules extends FullCheckRules {
  readonly checks: SignatureChecks;
}

export function readSignature(file: Buffer, registration: PkiRegistration, rules: SignatureRules): SignatureJudgement {
  const bytes = decodeFile(file);
  if (typeof bytes === 'string') return rejectFile(registration, bytes);
  if (rules.checks === 'off') return readUnjudged(bytes, registration);
  const signature = readAttached(bytes);
  if (typeof signature === 'string') return rejectFile(registration, signature);
  const { algorithm } = signature;
  const rejected = rejectAlgorithm(registration, algorithm);
  if (rejected !== undefined) return rejected;
  const reading = { signature: toSignature(bytes, algorithm) };
  if (rules.checks === 'basic') return reading;
  const checked = checkInFull(bytes, signature, rules);
  if ('flaw' in checked) return rejectFile(registration, checked.flaw);
  const { certificate, certificateBytes, isVerified } = checked;
  const warnings = remarkOn(registration, { algorithm, isVerified, names: namesOf(certificate) });
  const fingerprint = hash('sha1', certificateBytes, 'hex');
  return { ...reading, remarks: { fingerprint, names: ownNamesOf(certificate), warnings } };
}

/** No setting may send a private key, or a text that only looks like base64 and may be any secret. */
function readUnjudged(bytes: Buffer, registration: PkiRegistration): SignatureJudgement {
  const data = readSignedData(bytes);
  if (!isContainer(bytes)) return rejectFile(registration, typeof data === 'string' ? data : FOREIGN);
  const signer = typeof data === 'string' ? undefined : data.signers[0];
  return { signature: toSignature(bytes, signer && digestOf(readSigner(signer).digest)) };
}

function toSignature(bytes: Buffer, algorithm: Algorithm | undefined): Signature {
  return { bytes, algorithm, digest: hash('sha256', bytes, 'hex') };
}

/** What is a person's alone, each by itself: a given name is not, nor is a title. */
function ownNamesOf({ subject, emails, userNames }: Certificate): string[] {
  return [...subject.filter(({ type }) => OWN.includes(type)).map(({ value }) => value), ...emails, ...userNames];
}

/** What may tell a person, without the organisation that all have in common. */
function namesOf({ subject, emails }: Certificate): string {
  return [...subject.filter(({ type }) => !SHARED.includes(type)).map(({ value }) => value), ...emails].join(', ');
}

const OWN = ['CN', 'UID', 'serialNumber', 'emailAddress'];
const SHARED = ['C', 'ST', 'L', 'O', 'OU', 'DC'];
