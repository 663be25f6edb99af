import { showName, showText } from '../core/safe-text.js';
import { isCutOff } from '../core/stop.js';
import { namesOf } from '../core/table.js';
import { NAME } from '../help/command-words.js';
import { hasFlag, leftOutOf } from '../report/left-out.js';
import type { RunReport } from '../report/run-report.js';
import type { JobFigures, Keyless } from './job-figures.js';
import { countText, numberText, timeText } from './report-words.js';
import type { Story, UnderWay } from './report-words.js';
import { unusualFlag } from './usual-setting.js';

/** The whole in one sentence, then what to do, a step each. */
export interface Message {
  readonly headline: string;
  readonly sentences: readonly string[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly text: string;
  /** To be typed. */
  readonly command?: string;
}

/** What is left, and for whom, and what to do next. */
export function toMessage(story: Story): Message {
  const { figures, underWay } = story;
  const { rows, retry, people, outcomes } = figures;
  // What undo took back is to be left so.
  const left = retry.yes + retry.fix - outcomes.undone;
  const but = outcomes.undone === 0 ? '' : `, but for ${countText(outcomes.undone, 'row')} that undo took back`;
  const headline =
    left === 0
      ? `Every row is done${but}: ${countText(people.with_token, 'person', 'people')} of ${numberText(people.all)} ${people.with_token === 1 ? 'has' : 'have'} a token.`
      : `${countText(left, 'row')} of ${numberText(rows)} ${left === 1 ? 'is' : 'are'} left, of ${countText(people.left, 'person', 'people')}.`;
  return {
    headline: underWay === undefined ? headline : `A run is under way, or was cut off. Before it: ${headline}`,
    sentences: sentencesOf(story),
    steps: stepsOf(story),
  };
}

function sentencesOf({ figures, summary, underWay, files }: Story): string[] {
  const { retry, keys, outcomes } = figures;
  const stopped = summary?.stopped_by ?? undefined;
  const fix = retry.fix - outcomes.undone;
  return [
    ...(underWay === undefined ? [] : underWayTexts(underWay)),
    ...(stopped === undefined
      ? []
      : isCutOff(stopped)
        ? [`The last run was ${stopped}`]
        : [`The last run was stopped early: ${showText(stopped, 500)}`]),
    tokensText(figures),
    ...(fix > 0 ? [`${countText(fix, 'row needs', 'rows need')} a correction first.`] : []),
    ...(outcomes.undone > 0 ? [`${countText(outcomes.undone, 'row was', 'rows were')} taken back by undo.`] : []),
    ...(retry.yes > 0 ? [`${countText(retry.yes, 'row needs', 'rows need')} nothing but another run.`] : []),
    ...(summary === undefined ? [] : leftOutTexts(summary)),
    ...(outcomes.unknown > 0
      ? [
          `${countText(outcomes.unknown, 'row is', 'rows are')} in doubt: the server may have registered ${outcomes.unknown === 1 ? 'it' : 'them'}.`,
        ]
      : []),
    ...(keys.waiting > 0
      ? [`${countText(keys.waiting, 'activation key waits', 'activation keys wait')} in ${showText(files.keys, 100)}.`]
      : []),
    ...(keys.handed_out > 0
      ? [`${countText(keys.handed_out, 'activation key was', 'activation keys were')} handed out.`]
      : []),
    ...keylessTexts(figures, files.keys),
  ];
}

function tokensText({ byToken, nameless }: JobFigures): string {
  const { there, without_key: lost, in_doubt: inDoubt, none } = byToken;
  const keyless = lost === 0 ? '' : `, ${numberText(lost)} ${lost === 1 ? 'has' : 'have'} one whose key is lost`;
  const doubt = inDoubt === 0 ? '' : `, ${numberText(inDoubt)} ${inDoubt === 1 ? 'is' : 'are'} in doubt`;
  const nobody = nameless === 0 ? '' : `; ${countText(nameless, 'row names', 'rows name')} nobody`;
  return `${countText(there, 'person has', 'people have')} a token${keyless}, ${numberText(none)} ${none === 1 ? 'has' : 'have'} none that is known of${doubt}${nobody}.`;
}

const NAMED = 5;

/** OTP tokens that nobody can use by what is here, each kind with whom to ask. */
function keylessTexts({ keyless, keylessBy }: JobFigures, file: string): string[] {
  const why = {
    already_registered: 'there before this job, so whoever registered them then has their keys',
    key_lost: 'a token is there, and its key never came: whoever looks after the users in CENTAGATE can unregister it',
    registered: `registered by this job, and ${showText(file, 100)} has no key of them: look for the file that the runs wrote`,
  } as const satisfies Record<Keyless, string>;
  return namesOf(why)
    .filter((kind) => keylessBy[kind] > 0)
    .map((kind) => {
      const names = keyless.filter(({ outcome }) => outcome === kind).map(({ username }) => showText(username, 40));
      const more = keylessBy[kind] > NAMED ? ', …' : '';
      const who = names.length === 0 ? '' : ` (${kind}: ${names.slice(0, NAMED).join(', ')}${more})`;
      const what = countText(keylessBy[kind], 'OTP token has', 'OTP tokens have');
      return `${what} no activation key here${who}: ${why[kind]}.`;
    });
}

function leftOutTexts(summary: RunReport): string[] {
  const leftOut = leftOutOf(summary);
  if (leftOut === undefined) return [];
  const { rows, by, remedy } = leftOut;
  const what = `${countText(rows, 'row was', 'rows were')} left out by ${showText(by, 200)}`;
  return [remedy === undefined ? `${what}: the next command sends them.` : `${what}. To send them: ${remedy}.`];
}

function underWayTexts({ startedAt, by, undo, done, inDoubt, left }: UnderWay): string[] {
  const who = by === undefined ? '' : ` by ${showText(by, 100)}`;
  const [what, through] = undo === undefined ? ['It', 'with a token'] : [`The undo (${undo})`, 'through'];
  return [
    `${what} was begun on ${timeText(startedAt)}${who}, and came to ${countText(done + inDoubt + left, 'row')}: ${numberText(done)} ${through}, ${numberText(inDoubt)} in doubt, ${numberText(left)} left. None of that is in this report yet.`,
  ];
}

/** A command says nothing of what it takes from its environment. */
function withEnvironment(command: string, summary: RunReport | undefined): string {
  const { server, admin } = summary?.settings ?? {};
  if (server === undefined || admin === undefined || /--(?:server|config)\b/.test(command)) return '';
  return ` The server was ${showText(String(server), 100)} and the administrator ${showText(String(admin), 60)}: the session, and what of these the command does not name, comes from the environment, as it did then.`;
}

/** What a run was told beside its command, for what is typed after it. */
function asToldThen(command: string, summary: RunReport | undefined): string {
  const flags = Object.entries(summary?.settings ?? {}).flatMap((setting) => {
    const told = unusualFlag(setting);
    return told === undefined || hasFlag(command, told.flag) ? [] : [told.text];
  });
  const from = hasFlag(command, '--config') ? 'the configuration file or the environment' : 'the environment';
  const unusual = flags.length === 0 ? '' : ` Not as usual, and from ${from}: ${showText(flags.join(', '), 300)}.`;
  return `${withEnvironment(command, summary)}${unusual}`;
}

/** The command of a summary is an undo's, where an undo wrote it last. */
function nextOf(summary: RunReport | undefined): { readonly ofUndo?: string; readonly ofRun?: string } {
  const command = summary?.next_command ?? undefined;
  if (command === undefined) return {};
  return summary?.undo === undefined ? { ofRun: command } : { ofUndo: command };
}

function stepsOf({ figures, summary, underWay, files }: Story): Step[] {
  const { retry, keys, keylessBy } = figures;
  const failed = showText(files.failed, 100);
  if (underWay !== undefined) {
    const environment = withEnvironment(underWay.command ?? '', summary);
    const text = `If that run is no longer at work, type the same command again: it completes what was begun.${environment}`;
    return [{ text, ...(underWay.command !== undefined && { command: underWay.command }) }];
  }
  const fix = retry.fix - figures.outcomes.undone;
  const left = retry.yes + fix;
  const { ofUndo, ofRun } = nextOf(summary);
  const undo =
    ofUndo === undefined
      ? []
      : [
          {
            text: `Undo is not through: see the detail column of ${showText(files.undone, 100)}; then, if it is still meant, type this, where it was typed before.${asToldThen(ofUndo, summary)}`,
            command: ofUndo,
          },
        ];
  const mend =
    summary?.stopped_by == null || isCutOff(summary.stopped_by) ? [] : [{ text: 'Mend what stopped the last run.' }];
  const correct =
    fix === 0
      ? []
      : [{ text: `Correct ${countText(fix, 'row')} in ${failed}: what is wrong stands under “What is left”.` }];
  const again =
    ofRun === undefined
      ? { text: `Type the command of the run again, over ${failed}.` }
      : { text: `Type this, where it was typed before.${asToldThen(ofRun, summary)}`, command: ofRun };
  const leftOut = summary === undefined ? undefined : leftOutOf(summary);
  const others =
    leftOut?.remedy === undefined || ofRun === undefined
      ? []
      : [{ text: `Then send ${countText(leftOut.rows, 'row')} that it leaves out: ${leftOut.remedy}.` }];
  const verify = {
    text: 'Ask the server whether it has them all:',
    command: `${NAME} verify ${showName(files.results)}`,
  };
  const handOut =
    keys.waiting === 0
      ? []
      : [{ text: 'Hand out the activation keys:', command: `${NAME} keys ${showName(files.results)}` }];
  const before = keylessBy.already_registered;
  const ask =
    before === 0
      ? []
      : [
          {
            text: `Ask the administrators of CENTAGATE who has the keys of the ${countText(before, 'OTP token')} that ${before === 1 ? 'was' : 'were'} there before this job. Or unregister such a token in the console, and rerun its row, for a new one.`,
          },
        ];
  const rows = left > 0 ? [...correct, again, ...others] : [];
  // Keys of tokens that are about to be taken back are nobody's.
  const end = left > 0 || undo.length > 0 ? [] : [verify, ...handOut];
  return [...(end.length > 0 ? [] : mend), ...undo, ...rows, ...end, ...ask];
}
