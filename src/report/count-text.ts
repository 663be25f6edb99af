/** Such as `1 row` and `2 rows`. */
export function countText(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}
