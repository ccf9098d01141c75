/** Pictures as SVG text, for a page that needs no script and no network. */

export const WIDTH = 640;
const HEIGHT = 260;
const EDGE = { left: 66, right: 12, top: 12, bottom: 34 } as const;

/** Text as it may stand in HTML. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A number as a person reads it on an axis. */
export function short(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** From values to places along an axis; `texts` are its marks. */
export interface Axis {
  place(value: number): number;
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const MARKS = 5;
/** Of a name below an axis, in the units of the picture. */
const NAME_WIDTH = 72;
/** Values that lie further apart than this are shown by their logarithms. */
const FAR_APART = 100;

/** An axis over these values, from `from` to `to` on the picture; by their logarithms as is said, or as seems best. */
export function numberAxis(values: readonly number[], from: number, to: number, asSaid?: boolean): Axis {
  const finite = values.filter(Number.isFinite);
  const isFarApart = finite.every((value) => value > 0) && Math.max(...finite) / Math.min(...finite) > FAR_APART;
  const isLogarithmic = asSaid ?? isFarApart;
  const scale = isLogarithmic ? Math.log10 : (value: number) => value;
  const least = scale(Math.min(...finite));
  const greatest = scale(Math.max(...finite));
  const span = greatest > least ? greatest - least : 1;
  const low = greatest > least ? least : least - 0.5;
  const place = (value: number) => from + ((scale(value) - low) / span) * (to - from);
  const even = Array.from({ length: MARKS }, (_, index) => low + (span * index) / (MARKS - 1));
  const marks = isLogarithmic
    ? even.map((value) => 10 ** value)
    : finite.every(Number.isInteger)
      ? [...new Set(even.map(Math.round))]
      : even;
  return { place, marks: marks.map((value) => ({ at: place(value), text: short(value) })) };
}

/** Names as marks along an axis: those that find room, with `least` from one to the next, each cut to so many letters. */
export function namedAxis(axis: Axis, names: readonly string[], least: number, letters: number): Axis {
  const first = axis.place(0);
  const room = Math.abs(axis.place(names.length - 1) - first);
  const step = Math.max(1, Math.ceil((least * (names.length - 1)) / Math.max(room, 1)));
  const shown = names
    .map((name, index) => ({ at: axis.place(index), text: shortened(name, letters) }))
    .filter((_, index) => index % step === 0);
  return { ...axis, marks: shown };
}

/** Text cut to so many letters, with a mark that it is. */
export const shortened = (text: string, letters: number): string => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text);

export interface Point {
  readonly x: number;
  readonly y: number;
  /** a class of the page's style sheet */
  readonly kind: string;
  /** shown when one points at it */
  readonly title: string;
}

export interface Chart {
  readonly points?: readonly Point[];
  readonly lines?: readonly {
    readonly kind: string;
    readonly points: readonly (readonly [x: number, y: number])[];
    readonly title?: string;
  }[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** words in place of numbers along the lower edge, by their number */
  readonly xNames?: readonly string[];
  /** whether the lower edge goes by logarithms; as seems best when it is not said */
  readonly isLogarithmicX?: boolean | undefined;
  readonly size?: readonly [width: number, height: number];
}

/** Points and lines over two axes; nothing when there is nothing to show. */
export function chart({ points = [], lines = [], xLabel, yLabel, xNames, isLogarithmicX, size = [WIDTH, HEIGHT] }: Chart): string {
  const all = [...points.map(({ x, y }) => [x, y] as const), ...lines.flatMap((line) => line.points)].filter(
    ([x, y]) => Number.isFinite(x) && Number.isFinite(y),
  );
  if (all.length === 0) return "";
  const [width, height] = size;
  const numbers = numberAxis(
    [...all.map(([x]) => x), ...(xNames === undefined ? [] : [0, xNames.length - 1])],
    EDGE.left + 8,
    width - EDGE.right - 8,
    isLogarithmicX,
  );
  const x = xNames === undefined ? numbers : namedAxis(numbers, xNames, NAME_WIDTH, 12);
  const y = numberAxis(
    all.map(([, value]) => value),
    height - EDGE.bottom,
    EDGE.top,
  );
  const path = (line: readonly (readonly [number, number])[]) =>
    line
      .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
      .map(([a, b], index) => `${index === 0 ? "M" : "L"}${x.place(a).toFixed(1)} ${y.place(b).toFixed(1)}`)
      .join("");
  const parts = [
    ...y.marks.map(
      ({ at, text }) =>
        `<line class="grid" x1="${EDGE.left}" x2="${width - EDGE.right}" y1="${at.toFixed(1)}" y2="${at.toFixed(1)}"/><text x="${EDGE.left - 6}" y="${(at + 4).toFixed(1)}" text-anchor="end">${escaped(text)}</text>`,
    ),
    ...x.marks.map(({ at, text }) => `<text ${placeOfMark(at, text, width)} y="${height - EDGE.bottom + 16}">${escaped(text)}</text>`),
    `<text x="${(EDGE.left + width) / 2}" y="${height - 4}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text transform="translate(11 ${height / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...bestLast(lines).map(
      ({ kind, points: line, title }) =>
        `<path class="line ${kind}" d="${path(line)}">${title === undefined ? "" : `<title>${escaped(title)}</title>`}</path>`,
    ),
    ...bestLast(points)
      .filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y))
      .map(
        (point) =>
          `<circle class="${point.kind}" cx="${x.place(point.x).toFixed(1)}" cy="${y.place(point.y).toFixed(1)}" r="4"><title>${escaped(point.title)}</title></circle>`,
      ),
  ];
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(`${yLabel} over ${xLabel}`)}">${parts.join("")}</svg>`;
}

/** Of a letter of the marks, roughly. */
const LETTER_WIDTH = 6;

/** In the middle of its place, or to the left of the picture's edge where it would go beyond. */
function placeOfMark(at: number, text: string, width: number): string {
  const isBeyond = at + (text.length * LETTER_WIDTH) / 2 > width;
  return isBeyond ? `x="${width}" text-anchor="end"` : `x="${at.toFixed(1)}" text-anchor="middle"`;
}

/** What is drawn last is seen among hundreds. */
export function bestLast<T extends { readonly kind: string }>(drawn: readonly T[]): T[] {
  return drawn.toSorted((a, b) => Number(a.kind === "best") - Number(b.kind === "best"));
}

/** Bars from left to right, each with its name and its share from 0 to 1. */
export function bars(rows: readonly (readonly [name: string, share: number])[]): string {
  const [left, row] = [180, 26];
  const drawn = rows.map(([name, share], index) => {
    const width = Math.max(0, Math.min(1, share)) * (WIDTH - left - 60);
    const top = index * row;
    return `<text x="${left - 8}" y="${top + 17}" text-anchor="end">${escaped(shortened(name, 28))}</text><rect class="bar" x="${left}" y="${top + 5}" width="${width.toFixed(1)}" height="16" rx="2"/><text x="${(left + width + 6).toFixed(1)}" y="${top + 17}">${(share * 100).toFixed(0)} %</text>`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${rows.length * row + 4}" role="img" aria-label="importance">${drawn.join("")}</svg>`;
}
