import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Slurm of one machine that is this one (Debian: slurmctld, slurmd, slurm-client, munge), in a folder, on loopback. */
export class Cluster {
  #folder;
  #daemons = [];

  constructor(folder) {
    this.#folder = folder;
  }

  async start({ tasks, port = 26817 }) {
    const folder = this.#folder;
    for (const name of ['munge', 'state', 'spool']) mkdirSync(join(folder, name), { recursive: true });
    // Whoever asks must be able to reach the socket.
    chmodSync(join(folder, 'munge'), 0o711);
    writeFileSync(join(folder, 'munge/key'), randomBytes(1024), { mode: 0o400 });
    writeFileSync(join(folder, 'slurm.conf'), configuration(folder, { tasks, port }));
    const at = (name) => join(folder, 'munge', name);
    const files = ['key', 'socket', 'pid', 'log', 'seed'].map((name) => `--${NAMES[name]}=${at(name)}`);
    this.#run('munged', '--foreground', '--force', ...files);
    await this.#until(() => this.#can('munge', ['-S', at('socket'), '-n']));
    this.#run('slurmctld', '-D');
    this.#run('slurmd', '-D', '-n', '10');
    await this.#until(() => this.ask('sinfo', '-h', '-o', '%t').trim() === 'idle');
  }

  /** What a command of Slurm says. */
  ask(command, ...words) {
    return execFileSync(command, words, { env: this.#env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Runs a script as a user would who sees this cluster. */
  submit(script) {
    return execFileSync(script, { env: this.#env, encoding: 'utf8' });
  }

  /** By job, or by task of an array such as `5_2`: its state and exit code. */
  stateOf(job) {
    const [, state = '', code = ''] =
      /JobState=(\S+)[^]*?ExitCode=(\S+)/.exec(this.ask('scontrol', 'show', 'job', job)) ?? [];
    return { state, code };
  }

  /** Resolves when no job waits or runs any more. */
  async idle(maxMs) {
    await this.#until(() => this.ask('squeue', '-h').trim() === '', maxMs);
  }

  log(name) {
    return readFileSync(join(this.#folder, name), 'utf8');
  }

  /** What still runs, as after a failure, would outlive its daemons. */
  async stop() {
    try {
      if (this.ask('squeue', '-h').trim() !== '') {
        this.ask('scancel', '--full', '-u', userInfo().username);
        await this.idle(60_000);
      }
    } catch {
      // There is no cluster to ask.
    }
    for (const daemon of this.#daemons.reverse()) {
      if (daemon.exitCode !== null) continue;
      daemon.kill('SIGTERM');
      await new Promise((resolve) => daemon.once('exit', resolve));
    }
  }

  get #env() {
    return { ...process.env, SLURM_CONF: join(this.#folder, 'slurm.conf') };
  }

  #run(command, ...words) {
    this.#daemons.push(spawn(command, words, { env: this.#env, stdio: 'ignore' }));
  }

  #can(command, words) {
    try {
      execFileSync(command, words, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  async #until(isTrue, maxMs = 30_000) {
    const end = performance.now() + maxMs;
    for (;;) {
      try {
        if (isTrue()) return;
      } catch {
        // It is not there yet.
      }
      if (performance.now() > end) throw new Error('the cluster does not get there');
      await sleep(250);
    }
  }
}

const NAMES = { key: 'key-file', socket: 'socket', pid: 'pid-file', log: 'log-file', seed: 'seed-file' };

function configuration(folder, { tasks, port }) {
  const host = hostname().split('.')[0];
  return [
    'ClusterName=here',
    `SlurmctldHost=${host}(127.0.0.1)`,
    'SlurmUser=root',
    'SlurmdUser=root',
    `AuthInfo=socket=${join(folder, 'munge/socket')}`,
    'CommunicationParameters=NoCtldInAddrAny,NoInAddrAny',
    `StateSaveLocation=${join(folder, 'state')}`,
    `SlurmdSpoolDir=${join(folder, 'spool')}`,
    `SlurmctldPidFile=${join(folder, 'slurmctld.pid')}`,
    `SlurmdPidFile=${join(folder, 'slurmd.pid')}`,
    `SlurmctldLogFile=${join(folder, 'slurmctld.log')}`,
    `SlurmdLogFile=${join(folder, 'slurmd.log')}`,
    `SlurmctldPort=${port}`,
    `SlurmdPort=${port + 1}`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_CPU',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'MpiDefault=none',
    'ReturnToService=2',
    'MinJobAge=3600',
    // A machine with fewer cores does as well.
    'SlurmdParameters=config_overrides',
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${tasks} RealMemory=4000 State=UNKNOWN`,
    `PartitionName=main Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
    '',
  ].join('\n');
}
