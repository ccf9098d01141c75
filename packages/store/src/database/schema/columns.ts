/** An instant: milliseconds since 1970 UTC. */
export type Millis = number;
/** A truth value: 0 or 1, the same on every database. */
export type Flag = number;
/** JSON as text. */
export type JsonText = string;

/** A name and a value of something. */
export interface PairRow {
  name: string;
  value: string;
}
