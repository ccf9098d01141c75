import type { SweepReport, SweepTrial } from "@switchyard/protocol";
import { counted, durationInWords, localTime, numberInWords } from "../../output/words.ts";
import { argumentsText, bestFirst, samplingText } from "../views.ts";
import { parallel } from "./parallel.ts";
import { bars, chart, escaped } from "./svg.ts";
import { columnsOf } from "./values.ts";

/** Pictures of single parameters; more would not be looked at. */
const MOST_PARAMETERS = 12;
/** Curves in one picture. */
const MOST_CURVES = 100;

const STYLE = `
:root{--ink:#1b1f24;--dim:#667085;--page:#fff;--grid:#e4e7ec;--finished:#2563eb;--stopped:#d97706;--failed:#dc2626;--canceled:#98a2b3;--best:#059669}
@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--dim:#98a2b3;--page:#14171a;--grid:#2b3036;--finished:#60a5fa;--stopped:#fbbf24;--failed:#f87171;--canceled:#667085;--best:#34d399}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2.2rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.2rem}dt{color:var(--dim)}dd{margin:0}
svg{width:100%;max-width:42rem;height:auto;display:block}svg text{font-size:11px;fill:var(--dim)}.grid{stroke:var(--grid)}
.line{fill:none;stroke-width:1.5;opacity:var(--faint,.55)}circle{opacity:.8}.small{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:1rem}
.finished{fill:var(--finished);stroke:var(--finished)}.stopped{fill:var(--stopped);stroke:var(--stopped)}.failed{fill:var(--failed);stroke:var(--failed)}
.canceled,.pending{fill:var(--canceled);stroke:var(--canceled)}.best{fill:var(--best);stroke:var(--best);opacity:1}.line{fill:none!important}.bar{fill:var(--finished)}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid var(--grid)}th{color:var(--dim);font-weight:500}td.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:13px}.key span{margin-right:1rem;color:var(--dim)}.key i{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;margin-right:.35rem}
`;

/** A report as one page that needs nothing else: no script, no font, no network. */
export function reportPage(report: SweepReport): string {
  const { sweep } = report;
  const title = `Sweep ${sweep.runId}`;
  const sections = [
    facts(report),
    scores(report),
    importance(report),
    curves(report),
    parameters(report),
    coordinates(report),
    trials(report),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
${sections.filter((section) => section !== "").join("\n")}
</body></html>
`;
}

const section = (heading: string, body: string): string => (body === "" ? "" : `<h2>${escaped(heading)}</h2>\n${body}`);

function facts({ sweep, saved }: SweepReport): string {
  const { configuration, best } = sweep;
  const rows: [string, string | null][] = [
    ["Experiment", sweep.experimentName],
    ["Status", `${sweep.status}${sweep.error === null ? "" : `: ${sweep.error.message}`}`],
    ["Metric", `${configuration.primaryMetricGoal} ${configuration.primaryMetricName}`],
    ["Sampling", samplingText(sweep)],
    ["Policy", configuration.policy.type],
    [
      "Trials",
      Object.entries(sweep.counts)
        .flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []))
        .join(", "),
    ],
    ["Submitted", localTime(sweep.createdUtc)],
    ["Ended", sweep.endTimeUtc === null ? null : localTime(sweep.endTimeUtc)],
    ["Compute", durationInWords(sweep.computeHours * 3600)],
    ["Saved", savedText(saved)],
    ["Best", best === null ? "no trial has a score" : `${numberInWords(best.score)}, trial ${best.trial} (${best.runId})`],
    ["", best === null ? null : argumentsText(sweep.trials[best.trial]?.arguments ?? [])],
    ["Warnings", sweep.warnings.length === 0 ? null : sweep.warnings.join(" ")],
  ];
  const shown = rows.filter(([, text]) => text !== null && text !== "");
  return `<dl>${shown.map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text as string)}</dd>`).join("")}</dl>`;
}

/** What early termination saved, in a sentence; null when it stopped nothing. */
export function savedText(saved: SweepReport["saved"]): string | null {
  if (saved === null || saved.stopped === 0) return null;
  const time = saved.seconds === null ? "" : `, about ${durationInWords(saved.seconds)} of computing (${percent(saved.secondsShare ?? 0)})`;
  const ended = `${counted(saved.stopped, "trial")} ended early`;
  return `${ended}: ${counted(Math.round(saved.intervals), "interval")} fewer, ${percent(saved.intervalShare)} of all${time}`;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
const titleOf = (trial: SweepTrial): string =>
  `Trial ${trial.trial} (${trial.state}): ${trial.score === null ? "no score" : numberInWords(trial.score)}\n${argumentsText(trial.arguments)}`;

/** Corners of the line of the best score so far. Trials stand in the order of their numbers here, not in that in which they ended. */
function bestSoFar({ trials, configuration }: SweepReport["sweep"]): [number, number][] {
  const sign = configuration.primaryMetricGoal === "maximize" ? 1 : -1;
  const corners: [number, number][] = [];
  let best: number | null = null;
  for (const { trial, score } of trials) {
    if (score === null || (best !== null && sign * score <= sign * best)) continue;
    if (best !== null) corners.push([trial, best]);
    corners.push([trial, score]);
    best = score;
  }
  return best === null ? [] : [...corners, [trials.at(-1)?.trial ?? 0, best]];
}

function scores({ sweep }: SweepReport): string {
  const { primaryMetricName } = sweep.configuration;
  const scored = sweep.trials.filter(({ score }) => score !== null);
  const line = bestSoFar(sweep);
  const picture = chart({
    points: scored.map((trial) => ({
      x: trial.trial,
      y: trial.score as number,
      kind: trial.trial === sweep.best?.trial ? "best" : trial.state,
      title: titleOf(trial),
    })),
    lines: line.length === 0 ? [] : [{ kind: "best", points: line }],
    xLabel: "trial",
    yLabel: primaryMetricName,
  });
  const key = ["finished", "stopped", "failed", "canceled", "best"]
    .map((kind) => `<span><i style="background:var(--${kind})"></i>${kind}</span>`)
    .join("");
  return section("Scores, and the best so far", picture === "" ? "" : `${picture}<p class="key">${key}</p>`);
}

function importance({ importance: shares }: SweepReport): string {
  if (shares === null) return "";
  return section(
    "How much of the differences each parameter alone explains",
    bars(shares.map(({ parameter, share }) => [parameter, share])),
  );
}

function curves({ sweep, curves: all }: SweepReport): string {
  const shown = all.slice(0, MOST_CURVES).map(({ trial, intervals, values }) => ({
    kind: trial === sweep.best?.trial ? "best" : (sweep.trials[trial]?.state ?? "pending"),
    points: intervals.map((interval, index): [number, number] => [interval, Number(values[index])]),
    title: `Trial ${trial}`,
  }));
  return section("The metric by interval", chart({ lines: shown, xLabel: "interval", yLabel: sweep.configuration.primaryMetricName }));
}

function parameters({ sweep }: SweepReport): string {
  const scored = sweep.trials.filter(({ score }) => score !== null);
  const pictures = columnsOf(scored, sweep.configuration.sampling.parameterSpace)
    .slice(0, MOST_PARAMETERS)
    .map(({ name, places, names, isLogarithmic }) =>
      chart({
        points: scored.map((trial, index) => ({
          x: places[index] as number,
          y: trial.score as number,
          kind: trial.trial === sweep.best?.trial ? "best" : trial.state,
          title: titleOf(trial),
        })),
        xLabel: name,
        yLabel: sweep.configuration.primaryMetricName,
        size: [360, 220],
        ...(names === undefined ? { isLogarithmicX: isLogarithmic } : { xNames: names }),
      }),
    );
  return section(
    "Score by parameter",
    pictures.length === 0 ? "" : `<div class="small">${pictures.map((picture) => `<div>${picture}</div>`).join("")}</div>`,
  );
}

function coordinates({ sweep }: SweepReport): string {
  return section("Parallel coordinates", parallel(sweep));
}

function trials({ sweep }: SweepReport): string {
  const rows = bestFirst(sweep).map((trial) => {
    const cells = [
      String(trial.trial),
      trial.state,
      trial.score === null ? "" : numberInWords(trial.score),
      String(trial.intervals),
      durationInWords(trial.computeSeconds),
    ];
    const why = trial.error === null ? "" : escaped(trial.error.message);
    return `<tr>${cells.map((cell, index) => `<td${index === 1 ? "" : ' class="n"'}>${escaped(cell)}</td>`).join("")}<td><code>${escaped(argumentsText(trial.arguments))}</code></td><td>${escaped(trial.runId)}</td><td>${why}</td></tr>`;
  });
  const heads = ["Trial", "State", sweep.configuration.primaryMetricName, "Intervals", "Compute", "Arguments", "Run", ""];
  return section(
    "Trials, best first",
    `<table><thead><tr>${heads.map((head) => `<th>${escaped(head)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`,
  );
}
