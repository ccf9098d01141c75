import type { SweepReport } from "@switchyard/protocol";
import type { Paint } from "../../output/paint.ts";
import { table } from "../../output/table.ts";
import { counted, numberInWords } from "../../output/words.ts";
import { sweepText } from "../views.ts";
import { savedText } from "./page.ts";

const BAR = 30;

/** A report as a person reads it in a terminal. */
export function reportText(report: SweepReport, now: Date, paint: Paint, width?: number): string {
  const { sweep, trajectory, importance, saved } = report;
  const parts = [sweepText(sweep, now, paint, { width })];
  if (trajectory.length > 0) {
    const rows = trajectory.map(({ trials, trial, score }) => ({
      after: counted(trials, "trial"),
      best: numberInWords(score),
      trial: trial ?? "",
    }));
    parts.push(`${paint.bold("Trajectory")}\n${table(rows)}`);
  }
  if (importance !== null) {
    const width = Math.max(...importance.map(({ parameter }) => parameter.length), 0);
    const lines = importance.map(
      ({ parameter, share }) => `${parameter.padEnd(width)}  ${"█".repeat(Math.round(share * BAR))} ${(share * 100).toFixed(0)} %`,
    );
    parts.push(`${paint.bold("Importance")}, each parameter alone\n${lines.join("\n")}`);
  }
  const told = savedText(saved);
  if (told !== null) parts.push(`${paint.bold("Saved")}\n${told}.`);
  return parts.join("\n\n");
}
