/** Seeded chance (splitmix32): the same seed makes the same choices on every machine. */
export class Dice {
  #state;

  constructor(...seeds) {
    this.#state = 0x9e3779b9;
    for (const seed of seeds) {
      this.#state = (this.#state ^ seed) | 0;
      this.#state = (this.next() * 2 ** 32) | 0;
    }
  }

  /** In [0, 1). */
  next() {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Both bounds belong to the range. */
  int(from, to) {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  between(from, to) {
    return from + this.next() * (to - from);
  }

  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[Math.floor(this.next() * list.length)];
  }

  shuffled(list) {
    return list
      .map((entry) => ({ entry, order: this.next() }))
      .sort((a, b) => a.order - b.order)
      .map(({ entry }) => entry);
  }

  /** Letters and digits that stand nowhere by chance. */
  word(length) {
    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
    return Array.from({ length }, () => this.pick(letters)).join('');
  }
}
