import { octetString } from './asn1.js';
import { readAttached, toAttached } from './attached-signature.js';
import { nameText } from './certificate.js';
import { checkInFull } from './full-check.js';
import type { CheckedSignature, FullCheckRules } from './full-check.js';
import type { Flaw } from './flaw.js';
import { readSignedData } from './signed-data.js';
import { decodeFile } from './text-form.js';
import { octetsOf } from './verify-signature.js';

export interface SignedContent {
  readonly content: Buffer;
  /** Of the signer. */
  readonly subject: string;
}

/** What a signature holds, where it is good over that and its signer is trusted. */
export function readSignedContent(file: Buffer, rules: FullCheckRules): SignedContent | { readonly flaw: Flaw } {
  const bytes = decodeFile(file);
  if (typeof bytes === 'string') return { flaw: bytes };
  const signature = readAttached(bytes);
  if (typeof signature === 'string') return { flaw: signature };
  const checked = checkInFull(bytes, signature, rules);
  if ('flaw' in checked) return checked;
  if (!checked.isVerified) return { flaw: "is made in a way that can't be checked here; sign with RSA or ECDSA" };
  const content = Buffer.from(octetsOf(signature.content) ?? '', 'latin1');
  return { content, subject: nameText(checked.certificate.subject) };
}

/** Is a signature, as DER, PEM or base64 text, one over this content, and its signer trusted? It may hold the content. */
export function checkSignatureOver(
  content: Buffer,
  file: Buffer,
  rules: FullCheckRules,
): CheckedSignature | { readonly flaw: Flaw } {
  const bytes = decodeFile(file);
  if (typeof bytes === 'string') return { flaw: bytes };
  const data = readSignedData(bytes);
  if (typeof data === 'string') return { flaw: data };
  const signature = toAttached({ ...data, content: octetString(content) });
  return typeof signature === 'string' ? { flaw: signature } : checkInFull(bytes, signature, rules);
}
