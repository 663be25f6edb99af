import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { COMMANDS, isCommandName } from '../../src/help/command-words.js';
import { helpAsked, toHelpPage } from '../../src/help/help-page.js';
import type { HelpPage } from '../../src/help/help-page.js';
import { settingFlags } from '../../src/help/setting-help.js';
import { NAMED_FAULTS } from '../../src/simulator/fault.js';

const names = Object.keys(COMMANDS).filter(isCommandName);

function termsOf({ sections }: HelpPage): readonly string[] {
  return sections.flatMap(({ entries }) => entries.map(({ term }) => term));
}

describe('help', () => {
  it.each([
    [[], { command: undefined, isAll: false }],
    [['--help'], { command: undefined, isAll: false }],
    [['-h'], { command: undefined, isAll: false }],
    [['help'], { command: undefined, isAll: false }],
    [['--help', 'all'], { command: undefined, isAll: true }],
    [['--help=all'], { command: undefined, isAll: true }],
    [['help', 'all'], { command: undefined, isAll: true }],
    [['help', 'run'], { command: 'run', isAll: false }],
    [['help', 'run', 'all'], { command: 'run', isAll: true }],
    [['help', '--help'], { command: 'help', isAll: false }],
    [['verify', '--help', 'all'], { command: 'verify', isAll: true }],
    [['run', 'users.csv', '--server', 'x', '--help'], { command: 'run', isAll: false }],
  ])('is asked for by %j', (words, topic) => {
    expect(helpAsked(words)).toEqual(topic);
  });

  it.each([[['run', 'help.csv']], [['users.csv']], [['run', '--', '--help']], [['run', '--helper']]])(
    'is not asked for by %j',
    (words) => {
      expect(helpAsked(words)).toBeUndefined();
    },
  );

  it('on what is no command names those that are there', () => {
    expect(() => helpAsked(['help', 'rnu'])).toThrow(UsageError);
    expect(() => helpAsked(['help', 'rnu'])).toThrow('"rnu" is no command: help is there for run, validate,');
  });

  it('is short by default: the commands, and some dozen settings', () => {
    const terms = termsOf(toHelpPage({ command: undefined, isAll: false }));
    for (const name of names) expect(terms.some((term) => term.split(' ')[0] === name)).toBe(true);
    const settings = terms.filter((term) => term.startsWith('--'));
    expect(settings.length).toBeLessThanOrEqual(16);
    for (const flag of ['server', 'admin', 'config', 'limit', 'dry-run']) {
      expect(settings.some((term) => term.split(' ')[0] === `--${flag}`)).toBe(true);
    }
  });

  it('has every setting, with its variable and its group, when all is asked for', () => {
    const page = toHelpPage({ command: undefined, isAll: true });
    const terms = termsOf(page).map((term) => term.split(' ')[0]);
    for (const { flag } of settingFlags('run')) expect(terms).toContain(`--${flag}`);
    for (const flag of ['fault', 'down']) expect(terms).toContain(`--${flag}`);
    expect(page.sections.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['Server', 'Session', 'Pace', 'What to run']),
    );
    const texts = page.sections.flatMap(({ entries }) => entries.map(({ text }) => text));
    expect(texts).toContainEqual(expect.stringContaining('[default 16, CENTAGATE_CONCURRENCY]'));
  });

  it.each(names)('of %s has its usage and examples, and says how many settings are left', (command) => {
    const page = toHelpPage({ command, isAll: false });
    expect(page.usage[0]).toMatch(new RegExp(`^centagate-provision ${command}`));
    expect(page.sections.at(-1)?.title).toBe('Examples');
    const flags = COMMANDS[command].flags();
    const shown = termsOf(page).filter((term) => term.startsWith('--')).length;
    const left = flags.length - shown;
    const last = page.notes.at(-1) ?? '';
    if (left > 0) expect(last).toBe(`${left} more settings: centagate-provision ${command} --help all.`);
    else expect(last).not.toContain('more settings');
    const all = termsOf(toHelpPage({ command, isAll: true })).filter((term) => term.startsWith('--'));
    expect(all).toHaveLength(flags.length);
  });

  it('of simulate lists the faults', () => {
    const terms = termsOf(toHelpPage({ command: 'simulate', isAll: false }));
    for (const fault of [...Object.keys(NAMED_FAULTS), '<return code>', '429:<seconds>'])
      expect(terms).toContain(fault);
  });
});
