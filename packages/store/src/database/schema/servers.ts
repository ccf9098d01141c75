import type { JsonText, Millis } from "./columns.ts";

export interface TokenRow {
  id: string;
  secret_sha256: string;
  scope: string;
  run_id: string | null;
  user_name: string | null;
  note: string;
  created_at: Millis;
  expires_at: Millis | null;
  revoked_at: Millis | null;
}

export interface ChangeRow {
  id: number;
  kind: string;
  workspace: string;
  run_id: string;
  names: JsonText;
}

export interface CounterRow {
  name: string;
  value: number;
}

export interface IdempotencyRow {
  key: string;
  request_hash: string;
  result: JsonText;
  created_at: Millis;
}

export interface LeaseRow {
  owner: string;
  expires_at: Millis;
}

export interface SettingRow {
  name: string;
  value: JsonText;
}

/** The tables of what servers keep for themselves and for each other. */
export interface ServersTables {
  tokens: TokenRow;
  changes: ChangeRow;
  counters: CounterRow;
  idempotency: IdempotencyRow;
  leases: LeaseRow;
  settings: SettingRow;
}
