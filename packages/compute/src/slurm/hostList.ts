/** The names in a node list as Slurm writes it: `n[1-3,07],login,r[0-1]n[1-2]`. */
export function expandHostList(list: string): string[] {
  return splitOutside(list).flatMap(expandOne);
}

/** At the commas that stand in no brackets. */
function splitOutside(list: string): string[] {
  return list.match(/(?:[^,[\]]+|\[[^\]]*\])+/g) ?? [];
}

function expandOne(pattern: string): string[] {
  const found = /^([^[]*)\[([^\]]*)\](.*)$/s.exec(pattern);
  if (found === null) return [pattern];
  const [, before = "", ranges = "", after = ""] = found;
  const rests = expandOne(after);
  return ranges.split(",").flatMap((range) => numbersOf(range).flatMap((number) => rests.map((rest) => `${before}${number}${rest}`)));
}

/** `07-09` as `07`, `08`, `09`: as wide as it is written. */
function numbersOf(range: string): string[] {
  const [from = "", to = from] = range.split("-");
  const first = Number(from);
  const count = Math.min(Number(to) - first + 1, 100_000);
  if (!Number.isInteger(first) || !(count > 0)) return [range];
  return Array.from({ length: count }, (_, index) => String(first + index).padStart(from.length, "0"));
}
