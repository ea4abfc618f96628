/**
 * Divides a whole number fairly: each gets what it wants up to an equal share, and what some do not want goes to the
 * others. What is left when all have what they want is divided equally too, so that each has room.
 * @param rotation who is first where a rest cannot be divided; another number, another one
 */
export function fairShares(total: number, wants: readonly number[], rotation: number): number[] {
  const shares = wants.map(() => 0);
  let left = total;
  let open = wants.map((_, at) => at);
  while (open.length > 0 && left >= open.length) {
    const each = Math.floor(left / open.length);
    const modest = open.filter((at) => (wants[at] as number) - (shares[at] as number) <= each);
    for (const at of modest.length > 0 ? modest : open) {
      const more = Math.min(each, Math.max(0, (wants[at] as number) - (shares[at] as number)));
      shares[at] = (shares[at] as number) + more;
      left -= more;
    }
    if (modest.length === 0) break;
    open = open.filter((at) => !modest.includes(at));
  }
  // One for each of those that want more, then for all.
  const rest = open.length > 0 ? open : wants.map((_, at) => at);
  if (rest.length === 0) return shares;
  const each = Math.floor(left / rest.length);
  const more = left - each * rest.length;
  const first = rotation % rest.length;
  for (const [place, at] of rest.entries()) {
    const isFirst = (place - first + rest.length) % rest.length < more;
    shares[at] = (shares[at] as number) + each + (isFirst ? 1 : 0);
  }
  return shares;
}
