/** Rolls a take back: a cursor or a record is not where the batch said it was. */
export class Stale extends Error {
  override readonly name = "Stale";
}
