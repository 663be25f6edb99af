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
