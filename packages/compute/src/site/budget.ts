import type { Cursor } from "../contract.ts";

/** A file that has `bytes` more than its cursor says. */
export type Grown = Cursor & { readonly bytes: number };

/**
 * The least a job is given when there is not enough for all. A journal can only be taken up to a line end, so shares
 * thinner than a line would bring nothing home, look after look.
 */
const LEAST_SHARE_BYTES = 64 * 1024;

/**
 * Divides a byte budget among jobs and, within a job, among its files: how many bytes each may bring home in this look.
 * Nobody gets more than they have; what one leaves is the others'. When the budget is too small for all jobs, some are
 * served now, chosen by chance, because nothing remembers whose turn it was.
 */
export function shareBudget(jobs: readonly (readonly Grown[])[], budgetBytes: number, random = Math.random): number[][] {
  const wanted = jobs.map((files) => files.reduce((sum, file) => sum + file.bytes, 0));
  const total = wanted.reduce((sum, bytes) => sum + bytes, 0);
  if (total <= budgetBytes) return jobs.map((files) => files.map((file) => file.bytes));
  const given = divide(wanted, budgetBytes, random);
  return jobs.map((files, index) =>
    divide(
      files.map((file) => file.bytes),
      given[index] ?? 0,
      random,
    ),
  );
}

function divide(wanted: readonly number[], budget: number, random: () => number): number[] {
  const given = wanted.map(() => 0);
  const seats = Math.max(1, Math.floor(budget / LEAST_SHARE_BYTES));
  const waiting = inTurn(wanted.flatMap((bytes, index) => (bytes > 0 ? [index] : [])), random); // biome-ignore format: one line
  let left = budget;
  while (left > 0 && waiting.length > 0) {
    const served = waiting.splice(0, seats).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
    served.forEach((index, position) => {
      const share = Math.min(wanted[index] ?? 0, Math.ceil(left / (served.length - position)));
      given[index] = share;
      left -= share;
    });
  }
  return given;
}

/** The items beginning at a random one and going around. */
function inTurn<T>(items: readonly T[], random: () => number): T[] {
  const first = Math.floor(random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
