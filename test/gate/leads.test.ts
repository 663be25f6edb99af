import { describe, expect, test } from 'vitest';
import { RunStop } from '../../src/core/run-stop.js';
import { Leads } from '../../src/gate/leads.js';
import { idle } from '../support/test-clock.js';
import { watch } from '../support/watch.js';

const sender = (username: string, tokenType: 'otp' | 'pki' = 'otp') => ({ registration: { tokenType, username } });

test('one row of an endpoint leads, and the others wait until it has proved it', async () => {
  const leads = new Leads(new RunStop());
  const [ann, ben, cid] = [sender('ann'), sender('ben'), sender('cid', 'pki')];
  await leads.untilFree(ann);
  const second = watch(leads.untilFree(ben).then(() => true));
  await leads.untilFree(ann);
  await leads.untilFree(cid);
  await idle();
  expect(second).toEqual({});
  leads.prove('otp');
  await idle();
  expect(second).toEqual({ value: true });
  expect([leads.isProved('otp'), leads.isProved('pki')]).toEqual([true, false]);
});

test('a row that led in vain hands over to one other', async () => {
  const leads = new Leads(new RunStop());
  const [ann, ben, cid] = [sender('ann'), sender('ben'), sender('cid')];
  await leads.untilFree(ann);
  const others = [ben, cid].map((each) => watch(leads.untilFree(each).then(() => true)));
  leads.end(ben);
  await idle();
  expect(others).toEqual([{}, {}]);
  leads.end(ann);
  await idle();
  expect(others).toEqual([{ value: true }, {}]);
});

test('a row whose send never left hands over, a few times', async () => {
  const leads = new Leads(new RunStop());
  const senders = ['ann', 'ben', 'cid', 'dee', 'eve'].map((username) => sender(username));
  const led = senders.map((each) => watch(leads.untilFree(each).then(() => true)));
  for (const each of senders) {
    await idle();
    leads.handOver(each);
  }
  await idle();
  expect(led.map(({ value = false }) => value)).toEqual([true, true, true, true, false]);
});

test('nobody waits for a lead once the run has stopped', async () => {
  const stop = new RunStop();
  const leads = new Leads(stop);
  await leads.untilFree(sender('ann'));
  const second = watch(leads.untilFree(sender('ben')).then(() => true));
  stop.stop({ kind: 'interrupted', reason: 'by a signal' });
  await idle();
  expect(second).toEqual({ value: true });
});

describe('a row that is to lead last', () => {
  const world = () => {
    const leads = new Leads(new RunStop());
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const led = (username: string, isLast = false, tokenType?: 'pki') => {
      const row = sender(username, tokenType);
      return { row, seen: watch(leads.untilFree(row, isLast ? () => ended : undefined).then(() => true)) };
    };
    return { leads, end: () => end(), led };
  };

  test('waits for others, which lead at once', async () => {
    const { leads, led } = world();
    const ann = led('ann', true);
    await idle();
    expect(ann.seen).toEqual({});
    const ben = led('ben');
    await idle();
    expect([ann.seen, ben.seen]).toEqual([{}, { value: true }]);
    leads.prove('otp');
    await idle();
    expect(ann.seen).toEqual({ value: true });
  });

  test('leads once no others come, and those that did have led in vain', async () => {
    const { leads, end, led } = world();
    const [ann, ben, cid, dee] = [led('ann', true), led('ben'), led('cid'), led('dee', false, 'pki')];
    end();
    await idle();
    leads.end(ben.row);
    await idle();
    expect([ann, cid, dee].map(({ seen }) => seen)).toEqual([{}, { value: true }, { value: true }]);
    leads.end(cid.row);
    await idle();
    expect(ann.seen).toEqual({ value: true });
  });

  test('is one of several', async () => {
    const { leads, end, led } = world();
    const [ann, ben] = [led('ann', true), led('ben', true)];
    end();
    await idle();
    expect([ann.seen, ben.seen]).toEqual([{ value: true }, {}]);
    await leads.untilFree(ann.row, () => new Promise(() => undefined));
    leads.end(ann.row);
    await idle();
    expect(ben.seen).toEqual({ value: true });
  });
});
