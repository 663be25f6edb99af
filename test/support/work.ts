/** Processor time that something takes, in ms: what else the machine does meanwhile is not in it. */
export function workOf(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
