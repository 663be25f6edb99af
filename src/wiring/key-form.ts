import type { X509Certificate } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { showName, showText } from '../core/safe-text.js';
import { readCertificateFile, readSmallFile } from '../core/small-file.js';
import { UsageError } from '../core/usage-error.js';
import { ENGLISH_LETTER } from '../handout/english-letter.js';
import type { HandOutEdges, KeyWriter } from '../handout/hand-out.js';
import { chooseColumns, openKeysCsv } from '../handout/keys-csv.js';
import { parseLetterTemplate } from '../handout/letter-template.js';
import { isTypable, openLetters } from '../handout/letters.js';
import { recipientProblem } from '../handout/recipient.js';
import type { RowFile } from '../input/file-row.js';
import type { OutputFile } from '../record/result-writer.js';
import { openTextEncoding } from '../record/text-encoding.js';
import { decodeText } from '../settings/secret.js';
import type { SettingValues } from '../settings/settings.js';

type FormSettings = Pick<SettingValues<'keys'>, 'keysTo' | 'ownColumns' | 'letters' | 'template' | 'qr' | 'encryptTo'>;

/** What keys are written as. */
export interface KeyForm {
  /** As it was given, and the flag that gives it. */
  readonly path: string | undefined;
  readonly flag: 'to' | 'letters';
  /** Of the name, where none is given. */
  readonly ending: string;
  readonly takes: HandOutEdges['takes'];
  readonly open: (file: OutputFile, salt: string) => KeyWriter;
}

/** @param now epoch ms @throws {UsageError} for flags, columns, a template or a certificate that can't be used */
export async function openKeyForm(settings: FormSettings, results: RowFile, now: number): Promise<KeyForm> {
  const problems = contradictions(settings);
  if (problems.length > 0) throw new UsageError(problems);
  const plain = settings.letters === undefined ? await csvForm(settings, results) : await letterForm(settings, results);
  const recipients = readRecipients(settings.encryptTo, now);
  if (recipients.length === 0) return plain;
  const { prepareEnvelope } = await import('../handout/envelope.js');
  const envelop = await prepareEnvelope(recipients);
  return { ...plain, ending: `${plain.ending}.p7m`, open: (file, salt) => plain.open(envelop(file), salt) };
}

function contradictions({ keysTo, ownColumns, letters, template, qr }: FormSettings): readonly string[] {
  if (letters === undefined) {
    const given = [...(template === undefined ? [] : ['--template']), ...(qr ? ['--qr'] : [])];
    return given.map((flag) => `${flag} is for letters: give --letters with it`);
  }
  return [
    ...(keysTo === undefined
      ? []
      : ['--letters and --to name two files: give one of them, since each key is handed out once']),
    ...(ownColumns.length === 0
      ? []
      : ['--columns is for a CSV: the template of a letter says which columns are in it']),
  ];
}

async function csvForm({ keysTo, ownColumns }: FormSettings, { header, dialect }: RowFile): Promise<KeyForm> {
  const columns = chooseColumns(header, ownColumns);
  const format = { ...dialect, ...(await openTextEncoding(dialect.encoding)) };
  return {
    path: keysTo,
    flag: 'to',
    ending: '.csv',
    takes: () => true,
    open: (file, salt) => openKeysCsv(file, { header, columns, salt, format }),
  };
}

/** A letter may have a picture in it. */
const MAX_TEMPLATE_BYTES = 4 * 1024 * 1024;

async function letterForm({ letters, template: path, qr }: FormSettings, { header }: RowFile): Promise<KeyForm> {
  const text = path === undefined ? ENGLISH_LETTER : readTemplate(path);
  const name = path === undefined ? 'the letter' : basename(path);
  const template = parseLetterTemplate(text, { name, header, hasQr: qr });
  const toQrCode = qr ? (await import('../handout/qr-code.js')).toQrCode : undefined;
  return {
    path: letters,
    flag: 'letters',
    ending: '.html',
    takes: isTypable,
    open: (file, salt) => openLetters(file, { template, salt, toQrCode }),
  };
}

function readTemplate(path: string): string {
  const file = readSmallFile(path, MAX_TEMPLATE_BYTES);
  if ('problem' in file) throw new UsageError([`--template: ${showName(path)} ${file.problem}`]);
  const text = decodeText(file.bytes);
  if (text === undefined) throw new UsageError([`--template: ${showName(path)} is not UTF-8 text`]);
  return text;
}

function readRecipients(paths: readonly string[], now: number): readonly X509Certificate[] {
  return paths.flatMap((path) => {
    const certificates = readCertificateFile(resolve(path), '--encrypt-to');
    if (certificates.length === 0) {
      throw new UsageError([`--encrypt-to: ${showName(path)} has no certificate: give it as PEM`]);
    }
    for (const certificate of certificates) {
      const problem = recipientProblem(certificate, now);
      if (problem === undefined) continue;
      const subject = showText(certificate.subject.replaceAll('\n', ', '), 200);
      throw new UsageError([`--encrypt-to: the certificate of ${subject} in ${showName(path)} ${problem}`]);
    }
    return certificates;
  });
}
