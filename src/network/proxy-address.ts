import { UsageError } from '../core/usage-error.js';

/** As curl takes `HTTPS_PROXY`: http where no scheme stands. It may hold a password. @throws {UsageError} */
export function toProxyAddress(text: string): string {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new UsageError(['HTTPS_PROXY is no address of a proxy: write http://host:port']);
  }
  return address;
}
