export type * from "./runs/record.ts";
