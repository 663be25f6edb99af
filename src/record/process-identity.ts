import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { errnoOf } from '../core/errno.js';
import type { Clock } from '../core/clock.js';
import type { Origin } from '../report/origin.js';
import type { LockHolder } from './lock-holder.js';

export function describeSelf(runId: string, clock: Clock): LockHolder {
  return {
    runId,
    host: hostname(),
    pid: process.pid,
    bootId: bootId(),
    pidNamespace: fromProc(() => readlinkSync('/proc/self/ns/pid')),
    startTime: startTimeOf(process.pid),
    since: new Date(clock.now()).toISOString(),
  };
}

/** @param command as it was typed, for the shell of this machine */
export function describeOrigin(program: string, command: string): Origin {
  return {
    program,
    command,
    node: process.version,
    host: hostname(),
    system_user: systemUser(),
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** Who does something here, in one word: such as `mia@desk-7`. */
export function describeUser(): string {
  return `${systemUser()}@${hostname()}`;
}

/** A container may run as a number that has no name. */
function systemUser(): string {
  return orEmpty(() => userInfo().username) || String(process.getuid?.() ?? '');
}

/** Of the machine's present boot; empty where there is no /proc. */
export function bootId(): string {
  return fromProc(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
}

/** Is there such a process, started then? Where there is no start time, any of this number. */
export function isRunning(pid: number, startTime: string): boolean {
  if (startTime !== '') return startTimeOf(pid) === startTime;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

/** Field 22 of proc(5) stat; the name before it may hold blanks and brackets. Empty where there is no /proc. */
function startTimeOf(pid: number): string {
  return fromProc(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie only waits for its parent to notice.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  });
}

/** Anybody can make a folder of that name on the drive of a Windows machine. */
function fromProc(read: () => string): string {
  return process.platform === 'win32' ? '' : orEmpty(read);
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
