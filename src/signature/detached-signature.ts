import { octetString } from './asn1.js';
import { toAttached } from './attached-signature.js';
import { checkInFull } from './full-check.js';
import type { CheckedSignature, FullCheckRules } from './full-check.js';
import type { Flaw } from './flaw.js';
import { readSignedData } from './signed-data.js';
import { decodeFile } from './text-form.js';

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
