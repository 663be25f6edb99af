/** How answers leave, the honest and the broken ones. */

import { STATUS_CODES, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { isNamedFault, parseStatus, type FaultKind, type NamedFault } from './fault.js';
import { refuse, succeed, type ApiReply } from './api-reply.js';

/** The kinds that leave the registration itself alone and only spoil the answer. */
export type AnswerFault = 'ok' | 'no-key' | 'reset-after' | 'lost' | 'applied-500' | 'truncated';
/** The kinds that come instead of a registration. */
export type InsteadFault = Exclude<FaultKind, AnswerFault>;

const OVERSIZE_BYTES = 8 * 1024 * 1024;
const CHUNK = ' '.repeat(64 * 1024);
const DRIP_MS = 1000;
const JSON_TYPE = { 'Content-Type': 'application/json' };
const HTML_TYPE = { 'Content-Type': 'text/html; charset=utf-8' };

type Answer = (response: ServerResponse, reply: ApiReply) => void;

const ANSWERS: Readonly<Record<AnswerFault, Answer>> = {
  ok: answerReply,
  'no-key': (response, reply) => answerReply(response, reply.object === '' ? reply : { ...reply, object: '{}' }),
  'reset-after': reset,
  lost: stayAway,
  'applied-500': (response) => answerStatus(response, 500),
  truncated: truncate,
};

const INSTEAD: Readonly<Record<Extract<InsteadFault, NamedFault>, (response: ServerResponse) => void>> = {
  html: (response) => response.writeHead(200, HTML_TYPE).end(htmlPage('Sign in to continue')),
  empty: (response) => response.writeHead(200, { 'Content-Length': 0 }).end(),
  'no-code': (response) => answerJson(response, { message: 'Success', object: '' }),
  oversize: swell,
  reset,
  'reset-before': reset,
  'no-reply': stayAway,
  drip,
};

export function isAnswerFault(kind: FaultKind): kind is AnswerFault {
  return Object.hasOwn(ANSWERS, kind);
}

/** Answers a send that was handled with `reply`, as far as `kind` lets the reply through. */
export function answer(response: ServerResponse, kind: AnswerFault, reply: ApiReply): void {
  ANSWERS[kind](response, reply);
}

export function answerInstead(response: ServerResponse, kind: InsteadFault): void {
  if (isNamedFault(kind)) {
    INSTEAD[kind](response);
    return;
  }
  const http = parseStatus(kind);
  if (http === undefined) answerReply(response, refuse(kind));
  else answerStatus(response, http.status, http.headers);
}

export function answerReply(response: ServerResponse, reply: ApiReply): void {
  answerJson(response, reply);
}

/** Answers as a proxy or an application server does: with an HTML page. */
export function answerStatus(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { ...HTML_TYPE, ...(status < 400 && { Location: '/login' }), ...headers });
  response.end(htmlPage(`${status} ${STATUS_CODES[status] ?? 'Unknown'}`));
}

function answerJson(response: ServerResponse, body: Partial<ApiReply>): void {
  const text = JSON.stringify(body);
  response.writeHead(200, { ...JSON_TYPE, 'Content-Length': Buffer.byteLength(text) }).end(text);
}

function htmlPage(title: string): string {
  return `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
}

function reset(response: ServerResponse): void {
  response.socket?.destroy();
}

/** The connection stays open, until the client or `close` ends it. */
function stayAway(): void {
  // Nothing is said.
}

/** All of the reply arrives, yet the client cannot know that it is all: more bytes are promised. */
function truncate(response: ServerResponse, reply: ApiReply): void {
  const text = JSON.stringify(reply);
  response.writeHead(200, { ...JSON_TYPE, 'Content-Length': Buffer.byteLength(text) + 16 });
  response.write(text, () => reset(response));
}

/** Code 0, but the object is not closed: a client that believes the beginning is caught. */
const OPEN_REPLY = JSON.stringify(succeed('')).slice(0, -1);

function swell(response: ServerResponse): void {
  response.writeHead(200, JSON_TYPE).write(OPEN_REPLY);
  let left = OVERSIZE_BYTES;
  const pour = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= CHUNK.length;
      if (!response.write(CHUNK)) {
        response.once('drain', pour);
        return;
      }
    }
    if (!response.destroyed) response.end('}');
  };
  pour();
}

function drip(response: ServerResponse): void {
  response.writeHead(200, JSON_TYPE).flushHeaders();
  let dripped = 0;
  const timer = setInterval(() => response.write(OPEN_REPLY.charAt(dripped++) || ' '), DRIP_MS);
  response.once('close', () => clearInterval(timer));
}
