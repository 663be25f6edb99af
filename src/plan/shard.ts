import { hash } from 'node:crypto';

/** One part of an input's rows, which a process of its own runs. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** The files of all of them are open at once when they are merged. */
export const MOST_SHARDS = 256;
export const SHARD_NEEDS = `k/n, with n up to ${MOST_SHARDS} and k from 0 to n-1, such as 0/8; or auto`;

/** `auto`: whoever started this process says it in its variables. Undefined: this is no shard. */
export function parseShard(text: string): Shard | 'auto' | undefined {
  if (text === 'auto') return text;
  const [, index, count] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? [];
  return index === undefined ? undefined : toShard(Number(index), Number(count));
}

export function toShard(index: number, count: number): Shard | undefined {
  const isOne = Number.isInteger(index) && index >= 0 && index < count && count <= MOST_SHARDS;
  return isOne ? Object.freeze({ index, count }) : undefined;
}

/** Such as `3/8`. */
export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/** As in texts: `shard 3/8`. */
export function describeShard(shard: Shard): string {
  return `shard ${shardText(shard)}`;
}

/**
 * The shard that has all rows of a user, whatever they say beside the name: the first four bytes of the SHA-256 of the
 * username as it is sent, as UTF-8, modulo the number of shards. Rows without a name are in one shard too.
 */
export function shardOf(username: string, count: number): number {
  return parseInt(hash('sha256', username, 'hex').slice(0, 8), 16) % count;
}

/** Of the rate of all shards together, in sends a second, the part of this one. */
export function ownRate(rate: number | undefined, shard: Shard | undefined): number | undefined {
  return rate === undefined ? undefined : rate / (shard?.count ?? 1);
}
