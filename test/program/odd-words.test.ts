/** Words that drive a terminal or a shell: wherever they are typed, what is said of them does neither, and nothing is a bug. */
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SETTING_NAMES, SETTINGS } from '../../src/settings/setting.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import { every } from '../support/suite.js';

const ODD = [
  'a\u001b[2J\u001b]0;x\u0007;id',
  'a$(id) `id`',
  'a\r\nb',
  'a\u202eb\u200bc',
  "a'; id #",
  'a"; id #',
  '\u009b31ma',
  '=cmd|x',
  '%s%n',
];
const ENV = {
  CENTAGATE_SERVER: 'http://127.0.0.1:9',
  CENTAGATE_ADMIN: 'root',
  CENTAGATE_AUTH_TOKEN: 'the-auth-token',
  CENTAGATE_SECRET_CODE: 'the-secret-code',
};

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

async function expectTame(words: readonly string[], env: Readonly<Record<string, string>> = ENV): Promise<void> {
  const { exitCode, stdout, stderr } = await runProgram(words, env);
  const said = stdout + stderr;
  expect(exitCode, said).not.toBe(70);
  // Tables have their lines; nothing else is beyond text.
  expect(said).not.toMatch(/[^\n\P{Cc}]|[\u200b\u202a-\u202e\u2066-\u2069]/u);
  // Nobody copies the name of a file that a shell takes for more.
  for (const line of said.split('\n'))
    if (line.includes(lab.path('a$(id)'))) expect(line).toMatch(/["'].*\$\(id\).*["']/);
}

describe.each(every(5, ODD))('%j', (odd) => {
  it('may be the name of a file that is there, or is not', async () => {
    for (const command of ['run', 'validate', 'verify', 'keys']) {
      await expectTame([command, lab.path(odd)]);
      lab.file(odd, 'username,token_type\nann\n');
      await expectTame(
        [command, lab.path(odd), '--no-preflight', '--max-outage', '0'].slice(0, command === 'run' ? 5 : 2),
      );
      lab.file(odd, '"');
      await expectTame([command, lab.path(odd)]);
      lab.remove();
      lab = new Lab();
    }
  });

  it('may be the name of a folder', async () => {
    mkdirSync(lab.path(odd));
    const input = lab.file('users.csv', 'username,token_type,signature_path,status\nann,pki,x,2\n');
    for (const command of ['run', 'validate', 'verify', 'keys']) await expectTame([command, lab.path(odd)]);
    const flags = [
      '--out-dir',
      lab.path(odd),
      '--signatures-dir',
      lab.path(odd),
      '--no-preflight',
      '--max-outage',
      '0',
    ];
    await expectTame(['run', input, ...flags]);
  });

  it('may be the value of any setting, typed, in a variable, or in a file', async () => {
    const input = lab.file('users.csv', 'username,token_type\nann,otp\n');
    for (const name of SETTING_NAMES) {
      const { flag, kind } = SETTINGS[name];
      if (kind === 'boolean') continue;
      // A path may be written to.
      const value = kind === 'path' || kind === 'secret' ? lab.path(odd) : odd;
      await expectTame(['run', input, '--dry-run', `--${flag}=${value}`]);
      await expectTame(['run', input, '--dry-run'], {
        ...ENV,
        [`CENTAGATE_${flag.toUpperCase().replaceAll('-', '_')}`]: value,
      });
      const config = lab.file('config.yaml', `${flag}: ${JSON.stringify(value)}\n`);
      await expectTame(['run', input, '--dry-run', '--config', config]);
    }
  });

  it('may be a command, a flag, a key of a file, or anything else that is typed', async () => {
    const input = lab.file('users.csv', 'username,token_type\nann,otp\n');
    const config = lab.file('config.yaml', `${JSON.stringify(odd)}: 1\n`);
    for (const words of [
      ...[
        [lab.path(odd)],
        [`--${odd}`],
        ['run', input, odd],
        ['run', input, `--${odd}`],
        ['explain', odd],
        ['help', odd],
        ['completion', odd],
      ],
      ...[
        ['template', odd],
        ['doctor', odd],
        ['simulate', '--users', odd],
        ['simulate', '--fault', odd],
        ['simulate', '--port', odd],
      ],
      ['doctor', '--config', config],
    ])
      await expectTame(words);
  });

  it('may be a name in the header, a cell, or a name of a user', async () => {
    const quoted = `"${odd.replaceAll('"', '""')}"`;
    for (const rows of [
      ['username,token_type', quoted],
      [`username,token_type,${quoted},${quoted}`, 'ann,otp,,'],
      ['username,token_type', `${quoted},otp`, `${quoted},otp`, `${quoted},${quoted}`],
      ['username,token_type,signature_path,status,algorithm', `ann,pki,${quoted},${quoted},${quoted}`],
      ['username,token_type,note', `ann,otp,${quoted}`],
    ]) {
      const input = lab.file('users.csv', rows.join('\n'));
      await expectTame(['validate', input, '--all']);
      await expectTame(['run', input, '--dry-run']);
      await expectTame(['run', input, '--fresh', '--no-preflight', '--max-outage', '0']);
    }
  });
});
