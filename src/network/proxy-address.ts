import { UsageError } from '../core/usage-error.js';

/**
 * The URL of `HTTPS_PROXY`, as curl takes it: without a scheme it is http. It may hold a password, and is never shown.
 * @throws {UsageError} for what is no http or https address
 */
export function toProxyAddress(text: string): string {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new UsageError(['HTTPS_PROXY is no address of a proxy: write http://host:port']);
  }
  return address;
}
