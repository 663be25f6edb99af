/** An administrator of a simulator, and what a program is told of one. */
export const SESSION = { admin: 'root', authToken: 'the-auth-token', secretCode: 'the-secret-code' };
export const LOGIN = { password: 'the-password', integrationKey: 'the-key', integrationSecret: 'the-secret' };
/** A session that was made elsewhere. */
export const GIVEN = { CENTAGATE_AUTH_TOKEN: SESSION.authToken, CENTAGATE_SECRET_CODE: SESSION.secretCode };
/** What a run logs in with. */
export const ACCOUNT = {
  CENTAGATE_PASSWORD: LOGIN.password,
  CENTAGATE_INTEGRATION_KEY: LOGIN.integrationKey,
  CENTAGATE_INTEGRATION_SECRET: LOGIN.integrationSecret,
};

/** What a run against this server is told, with a session that was made elsewhere. */
export function environmentOf(url: string, { admin, authToken, secretCode }: typeof SESSION): Record<string, string> {
  return {
    CENTAGATE_SERVER: url,
    CENTAGATE_ADMIN: admin,
    CENTAGATE_AUTH_TOKEN: authToken,
    CENTAGATE_SECRET_CODE: secretCode,
  };
}
