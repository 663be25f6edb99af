import { expect, test } from 'vitest';
import { describeSign, sightingOf, signOf } from '../../src/gate/server-sign.js';
import { anUnanswered, anUnreadable, anUnsent, aReply, aStatus } from '../support/builders.js';

test.each([
  [aReply(), 'well', 'there'],
  [aReply({ code: '22002' }), 'well', 'there'],
  [aReply({ code: '10004' }), 'strained', 'there'],
  [aStatus(429), 'rate', 'there'],
  [aStatus(503), 'strained', 'there'],
  [aStatus(504), 'silent', 'there'],
  [aStatus(500), 'nothing', 'there'],
  [anUnreadable('the reply is not JSON'), 'nothing', 'there'],
  [anUnreadable('the reply is empty'), 'nothing', 'there'],
  [anUnreadable('the reply is over 1 MiB'), 'nothing', 'there'],
  [anUnanswered(), 'silent', 'away'],
  [anUnsent(), 'silent', 'away'],
])('what a reply says of the server: %o', (reply, sign, sighting) => {
  expect([signOf(reply), sightingOf(reply)]).toEqual([sign, sighting]);
});

test('in words', () => {
  const replies = [aReply({ code: '10004' }), aStatus(503), anUnsent('the connection was refused')];
  expect(replies.map(describeSign)).toEqual(['return code 10004', 'HTTP status 503', 'the connection was refused']);
});
