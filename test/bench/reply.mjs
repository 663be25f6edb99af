/** What the neutral server says to everybody. */
export const REPLIES = {
  otp: '{"code":"0","message":"Success","object":"{\\"key\\":\\"JBSWY3DPEHPK3PXP\\"}"}',
  pki: '{"code":"0","message":"Success","object":""}',
};

/** Where each kind of row is sent. */
export const PATHS = {
  otp: '/CentagateWS/webresources/token/register/otp/offline/bench',
  pki: '/CentagateWS/webresources/cert/register/pkcs7/bench',
};

/** What everybody's credential is made from. */
export const SESSION = { admin: 'bench', authToken: 'bench-auth-token', secretCode: 'bench-secret-code' };

const MIB = 1024 * 1024;
const refusal = (message) => `{"code":"99999","message":"${message}","object":""}`;

/** What a server could say to fill our memory, and a refusal as it should be. `text` is one reply, or poured for ever. */
export const HOSTILE_WAYS = {
  'short refusals': { status: 200, text: refusal('No'), isEndless: false },
  'messages of 100 KiB': { status: 200, text: refusal('x'.repeat(100 * 1024)), isEndless: false },
  'messages of 1 MiB': { status: 200, text: refusal('x'.repeat(MIB - 60)), isEndless: false },
  'messages of 1 MiB, controls': { status: 200, text: refusal('\x7f'.repeat(MIB - 60)), isEndless: false },
  'endless bodies': { status: 200, text: 'x'.repeat(64 * 1024), isEndless: true },
  'endless bodies, status 500': { status: 500, text: 'x'.repeat(64 * 1024), isEndless: true },
};
