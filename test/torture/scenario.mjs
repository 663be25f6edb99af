import { createHmac } from 'node:crypto';

/** Of samples/signatures; any user may have any of them: the simulator does not ask whose certificate it is. */
const GOOD_SIGNATURES = [
  'finance/aisyah.rahman.p7s',
  'finance/jose.alvarez.pem',
  'finance/priya.nair.p7s',
  'treasury/kwame.mensah.p7s',
  'treasury/m.ferreira.b64',
  'information-technology/chen.jiahao.b64',
  'branch operations\\wanjiru.kamau.p7m',
];
const BAD_SIGNATURES = ['legal/omar.haddad.p7s', 'treasury/ingrid.olsen.p7s'];

/** What may become of a row in the end, by its kind; before the end see {@link TRANSITIONAL}. */
const KINDS = {
  otp: { weight: 80, final: ['registered', 'key_lost'] },
  pki: { weight: 12, final: ['registered', 'already_registered'] },
  twice: { weight: 4, final: ['duplicate'], isSettledAtOnce: true },
  conflict: { weight: 2, final: ['invalid'], isSettledAtOnce: true },
  gone: { weight: 3, final: ['refused'] },
  inactive: { weight: 2, final: ['refused'] },
  already: { weight: 3, final: ['already_registered', 'key_lost', 'registered'] },
  'no-user': { weight: 1, final: ['invalid'], isSettledAtOnce: true },
  'bad-type': { weight: 1, final: ['invalid'], isSettledAtOnce: true },
  'bad-status': { weight: 1, final: ['invalid'], isSettledAtOnce: true },
  ragged: { weight: 1, final: ['invalid'], isSettledAtOnce: true },
  'no-file': { weight: 1, final: ['invalid'] },
  'bad-file': { weight: 1, final: ['invalid', 'refused'] },
};
export const TRANSITIONAL = ['unavailable', 'unknown', 'not_sent'];

/** Faults with the most of their share. Those that take the client a whole --timeout are rare. */
const FAULTS = {
  10004: 0.12,
  'reset-after': 0.12,
  lost: 0.04,
  500: 0.08,
  503: 0.02,
  html: 0.08,
  reset: 0.1,
  truncated: 0.06,
  'applied-500': 0.08,
  'no-key': 0.04,
  'no-reply': 0.02,
  empty: 0.04,
  'no-code': 0.04,
  10003: 0.04,
  '429:0': 0.02,
};
const ASKED_FOR = ['10004', 'reset-after', 'lost', '500', '503', 'html', 'reset'];

const NOTES = ['', 'plain', 'a,b', 'two\nlines', 'a "quoted" word', '=1+1', ' blanks ', 'ünïcödé', '+46701', '\ttab'];
const NAME_FORMS = [
  (name) => name,
  (name) => name,
  (name) => name,
  (name) => `${name}@treasury.example`,
  (name) => `o'${name}`,
  (name) => `zoë.${name}`,
  (name) => `=${name}`,
  (name) => `"${name}"`,
  (name) => `${name}, jr`,
];

/** A whole stem's life, chosen by the dice: the input, the server's users and faults, the secrets. */
export function makeScenario(dice, { rows: [fewest, most], faults = true, kinds = Object.keys(KINDS) }) {
  const columns = dice.shuffled(['id', 'username', 'token_type', 'signature_path', 'status', 'note']);
  // A ragged row lacks its last cell, and must still be known.
  if (columns.at(-1) === 'id') columns.unshift(columns.pop());
  const rows = [];
  const users = [];
  const wanted = dice.int(fewest, most);
  while (rows.length < wanted) {
    const made = makeRow(drawKind(dice, kinds), { dice, number: rows.length + 1, rows });
    if (made === undefined) continue;
    rows.push(made.row);
    if (made.user !== undefined) users.push(made.user);
  }
  const secrets = { admin: `ops ${dice.word(4)}`, authToken: dice.word(40), secretCode: dice.word(40) };
  const { admin, authToken, secretCode } = secrets;
  const cenToken = createHmac('sha256', secretCode).update(`${admin}${authToken}`).digest('hex');
  return {
    columns,
    rows: rows.map((row) => ({ ...row, own: ownCells(row, columns) })),
    ...toCsv(rows, columns, dice),
    users,
    admin,
    secrets: { authToken, secretCode, cenToken },
    faults: faults ? drawFaults(dice) : [],
    latencyMs: dice.int(0, 10),
    serverSeed: dice.int(1, 2 ** 31 - 1),
  };
}

export function finalOutcomes({ kind }) {
  return KINDS[kind].final;
}

/** Is the row's outcome known without the server, in whatever run? */
export function isSettledAtOnce({ kind }) {
  return KINDS[kind].isSettledAtOnce === true;
}

function drawKind(dice, kinds) {
  let drawn = dice.next() * kinds.reduce((sum, kind) => sum + KINDS[kind].weight, 0);
  return kinds.find((kind) => (drawn -= KINDS[kind].weight) < 0) ?? kinds[0];
}

function makeRow(kind, { dice, number, rows }) {
  const cells = { id: `r${number}`, note: dice.pick(NOTES), signature_path: '', status: '' };
  if (kind === 'twice' || kind === 'conflict') {
    const first = dice.pick(rows.filter((row) => row.kind === 'pki' || (row.kind === 'otp' && kind === 'twice')));
    if (first === undefined) return undefined;
    const status = kind === 'twice' ? first.cells.status : first.cells.status === '2' ? '1' : '2';
    return {
      row: { kind, id: cells.id, cells: { ...first.cells, ...cells, ...usedCells(first), status }, key: first.key },
    };
  }
  const username = dice.pick(NAME_FORMS)(`user${number}`);
  const user = { username, active: kind !== 'inactive', hasOtp: kind === 'already', hasCertificate: false };
  const isPki = ['pki', 'bad-status', 'no-file', 'bad-file'].includes(kind);
  cells.username = dice.chance(0.05) ? ` ${username} ` : username;
  cells.token_type = isPki
    ? dice.pick(['pki', 'PKI', 'pkcs7', 'cert'])
    : dice.pick(['otp', 'otp', 'OTP', 'otp_offline']);
  if (isPki) {
    cells.signature_path = `signatures/${dice.pick(kind === 'bad-file' ? BAD_SIGNATURES : GOOD_SIGNATURES)}`;
    cells.status = dice.pick(['1', '2', '3', '4']);
  }
  if (kind === 'no-user') cells.username = '';
  if (kind === 'bad-type') cells.token_type = 'sms';
  if (kind === 'bad-status') cells.status = 'often';
  if (kind === 'no-file') cells.signature_path = 'signatures/finance/nobody.p7s';
  const hasKey = kind !== 'no-user' && kind !== 'bad-type';
  const row = { kind, id: cells.id, cells, ...(hasKey && { key: `${isPki ? 'pki' : 'otp'}:${username}` }) };
  return { row, user: kind === 'gone' ? undefined : user };
}

/** What makes a row the same as another. */
function usedCells({ cells: { username, token_type, signature_path, status } }) {
  return { username, token_type, signature_path, status };
}

function drawFaults(dice) {
  const extras = Object.keys(FAULTS).filter((kind) => !ASKED_FOR.includes(kind));
  const kinds = [...ASKED_FOR.filter(() => dice.chance(0.6)), ...extras.filter(() => dice.chance(0.25))];
  return kinds.map((kind) => ({ kind, share: Math.max(0.005, Number(dice.between(0, FAULTS[kind]).toFixed(4))) }));
}

function ownCells({ cells, kind }, columns) {
  const own = columns.map((name) => cells[name]);
  return kind === 'ragged' ? own.slice(0, -1) : own;
}

/** The input's text and form, and the line that each row begins on. */
function toCsv(rows, columns, dice) {
  const lineEnd = dice.pick(['\n', '\n', '\r\n']);
  const names = columns.map((name) => dice.pick([name, name, name.toUpperCase(), name.replace('_', ' ')]));
  const mark = dice.chance(0.2) ? '\ufeff' : '';
  let csv = mark;
  let line = 1;
  const lines = [];
  const write = (cells) => {
    const text = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
    csv += text + lineEnd;
    line += 1 + text.split('\n').length - 1;
  };
  write(names);
  for (const row of rows) {
    lines.push(line);
    const cells = columns.map((name) => row.cells[name]);
    write(row.kind === 'ragged' ? cells.slice(0, -1) : cells);
  }
  return { csv: dice.chance(0.2) ? csv.slice(0, -lineEnd.length) : csv, names, lines, mark, lineEnd };
}
