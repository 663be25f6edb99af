import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Answer = Parameters<Parameters<LookupFunction>[2]>;

/** A question can't be called off: one a connection would queue at a mute resolver, and the process outlive its run. */
export function shareLookups(ask: LookupFunction = lookup): LookupFunction {
  const waiting = new Map<string, ((...answer: Answer) => void)[]>();
  return (hostname, options, callback) => {
    const question = JSON.stringify([hostname, options]);
    const others = waiting.get(question);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const all = [callback];
    waiting.set(question, all);
    ask(hostname, options, (...answer) => {
      waiting.delete(question);
      for (const tell of all) tell(...answer);
    });
  };
}
