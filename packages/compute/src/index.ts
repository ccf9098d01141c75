export * from "./contract.ts";
export * from "./site/budget.ts";
