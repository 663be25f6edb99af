import { showText } from '../core/safe-text.js';
import { toRegisterUrl } from '../checks/shown-request.js';
import type { RequestTarget, ShownRequest } from '../checks/shown-request.js';
import { describeTokenType, TOKEN_TYPE_NAMES } from '../row/token-type.js';
import type { ValidationReport } from '../checks/validation.js';

const MAX_CHARACTERS = 2000;

export function toDryRunLines(
  report: Pick<ValidationReport, 'to_send' | 'found'>,
  requests: readonly ShownRequest[],
  target: RequestTarget,
): string {
  const targets = TOKEN_TYPE_NAMES.filter((tokenType) => report.to_send[tokenType] > 0).map((tokenType) => {
    const { label } = describeTokenType(tokenType);
    const count = report.to_send[tokenType];
    return `${count} ${label} ${count === 1 ? 'row' : 'rows'} to ${toRegisterUrl(tokenType, target)}`;
  });
  const isBroken = report.found.file !== undefined;
  const sends =
    isBroken || targets.length === 0 ? 'A run would send nothing.' : `A run would send ${targets.join(', ')}.`;
  const shown = isBroken ? [] : requests.map(toRequestLines);
  return `${[sends, ...shown, 'This was a dry run: nothing was sent.'].join('\n')}\n`;
}

export function toRequestLines({ line, method, url, headers, body }: ShownRequest): string {
  const lines = [
    line === undefined ? 'First, the login:' : `Line ${line}:`,
    `  ${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`),
    `  ${JSON.stringify(body)}`,
  ];
  return lines.map((text) => showText(text, MAX_CHARACTERS)).join('\n');
}
