import type { Flag, JsonText, Millis } from "./columns.ts";

export interface SweepRow {
  run_id: string;
  workspace: string;
  /** how many entries its journal has */
  entries: number;
  /** it has yet to come to its end */
  is_open: Flag;
  /** the server that drives it until `held_until`, on the database's clock */
  holder: string | null;
  held_until: Millis;
  created_at: Millis;
}

export interface SweepEntryRow {
  run_id: string;
  number: number;
  at: Millis;
  entry: JsonText;
}

/** The tables of sweeps and their journals. */
export interface SweepsTables {
  sweeps: SweepRow;
  sweep_entries: SweepEntryRow;
}
