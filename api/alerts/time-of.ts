/** Returns a stored instant (epoch ms) as RFC 3339 in UTC. */
export const timeOf = (instant: bigint | number = 0): string => new Date(Number(instant)).toISOString();
