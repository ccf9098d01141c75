import type { Sweep } from "@switchyard/protocol";
import { type Axis, bestLast, escaped, namedAxis, numberAxis, shortened } from "./svg.ts";
import { columnsOf, type ParameterColumn } from "./values.ts";

const [TOP, BOTTOM, HEIGHT, STEP] = [26, 190, 224, 150];
const MOST_AXES = 10;
/** Of the names along an axis. */
const LINE_HEIGHT = 13;

/** Every trial a line through its values and its score; nothing where a trial has one parameter or none. */
export function parallel({ trials, configuration, best }: Sweep): string {
  const scored = trials.filter(({ score }) => score !== null);
  const columns: ParameterColumn[] = [
    ...columnsOf(scored, configuration.sampling.parameterSpace).slice(0, MOST_AXES),
    { name: configuration.primaryMetricName, places: scored.map(({ score }) => score as number) },
  ];
  if (scored.length === 0 || columns.length < 3) return "";
  const axes = columns.map(({ places, names, isLogarithmic }): Axis => {
    const axis = numberAxis([...places, ...(names === undefined ? [] : [0, names.length - 1])], BOTTOM, TOP, isLogarithmic);
    return names === undefined ? axis : namedAxis(axis, names, LINE_HEIGHT, 14);
  });
  const xOf = (index: number) => 60 + index * STEP;
  const lines = scored.map((trial, row) => {
    const points = columns.flatMap(({ places }, index) => {
      const value = places[row] as number;
      return Number.isFinite(value) ? [`${xOf(index)} ${(axes[index] as Axis).place(value).toFixed(1)}`] : [];
    });
    const kind = trial.trial === best?.trial ? "best" : trial.state;
    return { kind, path: `<path class="line ${kind}" d="M${points.join("L")}"><title>Trial ${trial.trial}: ${trial.score}</title></path>` };
  });
  const paths = bestLast(lines).map(({ path }) => path);
  const drawn = columns.map(({ name }, index) => {
    const marks = (axes[index] as Axis).marks.map(
      ({ at, text }) => `<text x="${xOf(index) + 5}" y="${(at + 4).toFixed(1)}">${escaped(text)}</text>`,
    );
    return `<line class="grid" x1="${xOf(index)}" x2="${xOf(index)}" y1="${TOP}" y2="${BOTTOM}"/>${marks.join("")}<text x="${xOf(index)}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(shortened(name, 22))}</text>`;
  });
  const width = xOf(columns.length - 1) + 80;
  return `<svg viewBox="0 0 ${width} ${HEIGHT}" style="max-width:${width}px;--faint:${faintness(scored.length)}" role="img" aria-label="parallel coordinates">${paths.join("")}${drawn.join("")}</svg>`;
}

/** Hundreds of lines are seen where they lie close together, when each is faint. */
const faintness = (lines: number): number => Number(Math.min(0.55, Math.max(0.08, 30 / lines)).toFixed(2));
