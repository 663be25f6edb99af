/** Why a run stops whose answers are not in step with its requests, and what to do. */
export function describeMixUp(why: string, isKeptAlive: boolean): string {
  const what = `answers got mixed up: ${why}. What came over that connection since its last proof is not believed, and its keys are taken back`;
  const where = 'Have looked at what stands between here and the server';
  return isKeptAlive ? `${what}. ${where}; until then, rerun with --no-keepalive` : `${what}. ${where}, then rerun`;
}

/** Said once, at a server whose looks prove nothing. */
export const MUTE =
  'the server answers a look as it answers a row: whether answers and requests are in step can not be proved here, and only surplus answers that nobody waits for are noticed. --no-keepalive gives each request a connection of its own';
