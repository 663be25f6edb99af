import { describe, expect, it, beforeEach, afterEach } from 'vitest';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import { workbookOf } from '../support/workbook.js';

/* What is given that is no table, what is said of it, and that doing what is said leads to a file that passes. */

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

const USERS = [
  ['username', 'token_type'],
  ['ann', 'otp'],
] as const;
const CSV = 'username,token_type\nann,otp\n';

const rowsIn = (tag: string): string =>
  USERS.map((cells) => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`).join('\n');
const PAGE = `<html><head><title>Users</title></head><body><table border="1">\n${rowsIn('td')}\n</table></body></html>\n`;
const OBJECTS = [{ username: 'ann', token_type: 'otp' }];
const SPREADSHEET = `<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Users"><Table>${rowsIn('Cell').replaceAll('tr>', 'Row>')}</Table></Worksheet></Workbook>
`;

const WEB_PAGE =
  'this is a web page (HTML): open it in Excel, and save it as .xlsx or as "CSV UTF-8"; if it shows no table, get the file anew';

const RICH = 'this is a Rich Text document (.rtf): copy its table into a workbook, and give that';
const JSON_TEXT =
  'this is JSON: make it a table (Excel: Data > Get Data > From File > From JSON), and save it as .xlsx or as "CSV UTF-8"';
const SPREADSHEET_TEXT =
  'this is a spreadsheet in XML, as Excel 2003 wrote it: open it in Excel, and save it as .xlsx or as "CSV UTF-8"';
const LABELLED =
  'this file is encrypted by its sensitivity label (.pfile): give it a label that does not encrypt it, and give the file that comes of that';

/** What a person does who has the table before them: saves it as either. */
const SAVED: readonly (readonly [string, string | Uint8Array])[] = [
  ['saved.xlsx', workbookOf(USERS)],
  ['saved.csv', `\ufeff${CSV}`],
];

const FOREIGN: readonly (readonly [name: string, says: string, content: string | Uint8Array])[] = [
  ['page.xlsx', WEB_PAGE, PAGE],
  ['marked.xlsx', WEB_PAGE, `\ufeff\r\n  ${PAGE}`],
  ['wide.xlsx', WEB_PAGE, Buffer.from(`\ufeff${PAGE}`, 'utf16le')],
  ['page.xls', WEB_PAGE, PAGE],
  ['page.csv', WEB_PAGE, PAGE],
  ['latin.csv', WEB_PAGE, Buffer.from(PAGE.replace('Users', 'Benützer'), 'latin1')],
  ['wide.csv', WEB_PAGE, Buffer.from(`\ufeff${PAGE}`, 'utf16le')],
  ['login.csv', WEB_PAGE, '<!DOCTYPE html>\n<html><body><form>Log in</form></body></html>'],
  [
    'archive.xls',
    'this is a web page in one file (.mht): open it in Excel, and save it',
    `MIME-Version: 1.0\nContent-Type: multipart/related; boundary="--"\n\n--\n${PAGE}`,
  ],
  ['rich.xlsx', RICH, '{\\rtf1\\ansi users}'],
  ['rich.csv', RICH, '{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Arial;}} users}'],
  ['objects.xlsx', JSON_TEXT, JSON.stringify(OBJECTS)],
  ['objects.csv', JSON_TEXT, JSON.stringify(OBJECTS, undefined, 2)],
  ['lines.csv', JSON_TEXT, `${JSON.stringify(OBJECTS[0])}\n`],
  ['old.xlsx', SPREADSHEET_TEXT, SPREADSHEET],
  ['old.xls', SPREADSHEET_TEXT, SPREADSHEET],
  [
    'users.xml',
    'this is XML: make it a table (Excel: Data > Get Data > From File > From XML), and save it as .xlsx or as "CSV UTF-8"',
    '<?xml version="1.0"?>\n<users><user name="ann"/></users>\n',
  ],
  ['labelled.csv.pfile', LABELLED, Buffer.concat([Buffer.from('.pfile\u0003\0\0\0'), Buffer.alloc(64, 0x9c)])],
  ['labelled.xlsx', LABELLED, Buffer.from('.pfile\u0003\0\0\0')],
  ['empty.xlsx', 'this file is empty: get it anew', ''],
];

async function validate(path: string): Promise<{ readonly exitCode: number; readonly said: string }> {
  const { exitCode, stdout, stderr } = await runProgram(['validate', path]);
  return { exitCode, said: stdout + stderr };
}

describe('a file is named for what it is, and what is said of it works', () => {
  it.each(FOREIGN)('%s: %s', async (name, says, content) => {
    const before = await validate(lab.file(name, content));
    expect(before.said).toContain(`${name}:1: ${says}`);
    expect(before.exitCode).toBe(2);
    for (const [saved, bytes] of SAVED) {
      const after = await validate(lab.file(saved, bytes));
      expect(after.exitCode, after.said).toBe(0);
      expect(after.said).toContain('1 row, 1 to send');
    }
  });

  it.each([
    ['a CSV', CSV],
    ['one with a mark', `\ufeff${CSV}`],
    ['one in UTF-16', Buffer.from(`\ufeff${CSV}`, 'utf16le')],
  ])('%s under the name of a workbook, by its name alone', async (_, content) => {
    const before = await validate(lab.file('users.xlsx', content));
    expect(before.said).toContain(
      'this is a text under the name of a workbook: if it is a CSV, let its name end in .csv',
    );
    expect(before.exitCode).toBe(2);
    const after = await validate(lab.file('users.csv', content));
    expect(after.exitCode, after.said).toBe(0);
  });
});

it('a header below what looks foreign is a header all the same', async () => {
  const path = lab.file('users.csv', `<!-- made by HR -->\n${CSV}`);
  expect((await validate(path)).said).toContain('a header seems to stand on line 2');
});
