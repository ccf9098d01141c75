// Public test functions of 2 to 20 dimensions. `x` are the values of the parameters in order; all are to be minimised and
// have a known or well-approximated minimum, so that what is left to it (the regret) can be stated.

import type { JsonValue } from "@switchyard/protocol";

export type BenchParameter =
  | { readonly name: string; readonly kind: "float" | "int"; readonly low: number; readonly high: number; readonly log?: boolean }
  | { readonly name: string; readonly kind: "choice"; readonly options: readonly (string | number)[] };

export interface TestFunction {
  readonly name: string;
  readonly parameters: readonly BenchParameter[];
  readonly minimum: number;
  value(x: readonly JsonValue[]): number;
}

const { cos, sin, exp, sqrt, abs, PI, log, log10 } = Math;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A function of numbers alone, each in the same range. The optimum is moved off the centre where it would lie in it. */
function box(name: string, dimensions: number, low: number, high: number, minimum: number, of: (x: number[]) => number): TestFunction {
  const parameters = Array.from({ length: dimensions }, (_, index) => ({ name: `x${index}`, kind: "float" as const, low, high }));
  return { name, parameters, minimum, value: (x) => of(x as number[]) };
}

/** Moves an optimum at the origin to a place that no symmetry helps to find: irregular shares of the range. */
function moved(x: readonly number[], range: number): number[] {
  return x.map((value, index) => value - range * (((index * 0.6180339887 + 0.31) % 1) - 0.5) * 0.6);
}

export const branin = box("Branin", 2, 0, 1, 0.39788735772973816, ([u, v]) => {
  const [x, y] = [15 * u! - 5, 15 * v!];
  return (y - (5.1 / (4 * PI ** 2)) * x ** 2 + (5 / PI) * x - 6) ** 2 + 10 * (1 - 1 / (8 * PI)) * cos(x) + 10;
});

const camel = box("six-hump camel", 2, -2, 2, -1.031628453489877, ([x, y]) => {
  return (4 - 2.1 * x! ** 2 + x! ** 4 / 3) * x! ** 2 + x! * y! + (-4 + 4 * y! ** 2) * y! ** 2;
});

const goldstein = box("Goldstein-Price (log)", 2, -2, 2, log(3), ([x, y]) => {
  const a = 1 + (x! + y! + 1) ** 2 * (19 - 14 * x! + 3 * x! ** 2 - 14 * y! + 6 * x! * y! + 3 * y! ** 2);
  const b = 30 + (2 * x! - 3 * y!) ** 2 * (18 - 32 * x! + 12 * x! ** 2 + 48 * y! - 36 * x! * y! + 27 * y! ** 2);
  return log(a * b);
});

const HARTMANN_WEIGHTS = [1, 1.2, 3, 3.2];
function hartmann(name: string, minimum: number, a: readonly (readonly number[])[], p: readonly (readonly number[])[]): TestFunction {
  return box(name, a[0]!.length, 0, 1, minimum, (x) => {
    return -sum(HARTMANN_WEIGHTS.map((weight, i) => weight * exp(-sum(x.map((value, j) => a[i]![j]! * (value - p[i]![j]!) ** 2)))));
  });
}
const hartmann3 = hartmann(
  "Hartmann 3",
  -3.86278214782076,
  [
    [3, 10, 30],
    [0.1, 10, 35],
    [3, 10, 30],
    [0.1, 10, 35],
  ],
  [
    [0.3689, 0.117, 0.2673],
    [0.4699, 0.4387, 0.747],
    [0.1091, 0.8732, 0.5547],
    [0.0381, 0.5743, 0.8828],
  ],
);
const hartmann6 = hartmann(
  "Hartmann 6",
  -3.32236801141551,
  [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
  ],
  [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
  ],
);

export function ackley(dimensions: number): TestFunction {
  return box(`Ackley ${dimensions}`, dimensions, -32.768, 32.768, 0, (given) => {
    const x = moved(given, 65.536);
    const n = x.length;
    return -20 * exp(-0.2 * sqrt(sum(x.map((v) => v ** 2)) / n)) - exp(sum(x.map((v) => cos(2 * PI * v))) / n) + 20 + exp(1);
  });
}
export function rastrigin(dimensions: number): TestFunction {
  return box(`Rastrigin ${dimensions}`, dimensions, -5.12, 5.12, 0, (given) => {
    return sum(moved(given, 10.24).map((v) => v ** 2 - 10 * cos(2 * PI * v) + 10));
  });
}
export function rosenbrock(dimensions: number): TestFunction {
  return box(`Rosenbrock ${dimensions}`, dimensions, -2.048, 2.048, 0, (x) => {
    return sum(x.slice(1).map((next, i) => 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2));
  });
}
export function levy(dimensions: number): TestFunction {
  return box(`Levy ${dimensions}`, dimensions, -10, 10, 0, (x) => {
    const w = x.map((v) => 1 + (v - 1) / 4);
    const last = w.at(-1)!;
    const inner = sum(w.slice(0, -1).map((v) => (v - 1) ** 2 * (1 + 10 * sin(PI * v + 1) ** 2)));
    return sin(PI * w[0]!) ** 2 + inner + (last - 1) ** 2 * (1 + sin(2 * PI * last) ** 2);
  });
}
export function griewank(dimensions: number): TestFunction {
  return box(`Griewank ${dimensions}`, dimensions, -600, 600, 0, (given) => {
    const x = moved(given, 1200);
    return sum(x.map((v) => v ** 2)) / 4000 - x.reduce((product, v, i) => product * cos(v / sqrt(i + 1)), 1) + 1;
  });
}
export function styblinski(dimensions: number): TestFunction {
  return box(`Styblinski-Tang ${dimensions}`, dimensions, -5, 5, -39.16616570377142 * dimensions, (x) => {
    return sum(x.map((v) => v ** 4 - 16 * v ** 2 + 5 * v)) / 2;
  });
}
export function zakharov(dimensions: number): TestFunction {
  return box(`Zakharov ${dimensions}`, dimensions, -5, 10, 0, (given) => {
    const x = moved(given, 10);
    const weighted = sum(x.map((v, i) => 0.5 * (i + 1) * v));
    return sum(x.map((v) => v ** 2)) + weighted ** 2 + weighted ** 4;
  });
}
export function dixonPrice(dimensions: number): TestFunction {
  return box(`Dixon-Price ${dimensions}`, dimensions, -10, 10, 0, (x) => {
    return (x[0]! - 1) ** 2 + sum(x.slice(1).map((v, i) => (i + 2) * (2 * v ** 2 - x[i]!) ** 2));
  });
}
export function ellipsoid(dimensions: number): TestFunction {
  return box(`ellipsoid ${dimensions}`, dimensions, -5, 5, 0, (given) => {
    return sum(moved(given, 10).map((v, i) => 10 ** ((3 * i) / (dimensions - 1)) * v ** 2));
  });
}
const MICHALEWICZ_5 = -4.687658179;
const michalewicz = box("Michalewicz 5", 5, 0, PI, MICHALEWICZ_5, (x) => {
  return -sum(x.map((v, i) => sin(v) * sin(((i + 1) * v ** 2) / PI) ** 20));
});

/** Only its first two parameters matter, as most hyperparameters do not. */
const fewMatter: TestFunction = {
  ...box("Branin among 18 idle", 20, 0, 1, branin.minimum, (x) => branin.value([x[3]!, x[11]!])),
};

/** Water flow through a borehole (Harper and Gupta 1983), negated: eight parameters of very different ranges, one log-scaled. */
const borehole: TestFunction = {
  name: "borehole",
  parameters: [
    { name: "rw", kind: "float", low: 0.05, high: 0.15 },
    { name: "r", kind: "float", low: 100, high: 50000, log: true },
    { name: "Tu", kind: "float", low: 63070, high: 115600 },
    { name: "Hu", kind: "float", low: 990, high: 1110 },
    { name: "Tl", kind: "float", low: 63.1, high: 116 },
    { name: "Hl", kind: "float", low: 700, high: 820 },
    { name: "L", kind: "float", low: 1120, high: 1680 },
    { name: "Kw", kind: "float", low: 9855, high: 12045 },
  ],
  minimum: -309.5755876604,
  value(x) {
    const [rw, r, tu, hu, tl, hl, l, kw] = x as number[];
    const ratio = log(r! / rw!);
    return (-2 * PI * tu! * (hu! - hl!)) / (ratio * (1 + (2 * l! * tu!) / (ratio * rw! ** 2 * kw!) + tu! / tl!));
  },
};

/** The categorical functions of Ru et al., "Bayesian optimisation over multiple continuous and categorical inputs" (2020). */
const BASE = {
  rosen: ([x, y]: readonly number[]) => (100 * (y! - x! ** 2) ** 2 + (1 - x!) ** 2) / 300,
  camel: ([x, y]: readonly number[]) => camel.value([x!, y!]) / 10,
  beale: ([x, y]: readonly number[]) =>
    ((1.5 - x! + x! * y!) ** 2 + (2.25 - x! + x! * y! ** 2) ** 2 + (2.625 - x! + x! * y! ** 3) ** 2) / 50,
} as const;
const CHOICES = ["rosen", "camel", "beale"] as const;
const func2c: TestFunction = {
  name: "Func2C",
  parameters: [
    { name: "h1", kind: "choice", options: CHOICES },
    { name: "h2", kind: "choice", options: [...CHOICES, "none", "flat"] },
    { name: "x", kind: "float", low: -2, high: 2 },
    { name: "y", kind: "float", low: -2, high: 2 },
  ],
  minimum: -0.20632569,
  value: ([h1, h2, x, y]) => baseOf(h1!, x, y) + baseOf(h2!, x, y),
};
const func3c: TestFunction = {
  name: "Func3C",
  parameters: [...func2c.parameters, { name: "h3", kind: "choice", options: ["rosen", "5camel", "2rosen", "beale"] }],
  minimum: -0.72214,
  value([h1, h2, x, y, h3]) {
    const [times, name] = h3 === "5camel" ? [5, "camel"] : h3 === "2rosen" ? [2, "rosen"] : [1, h3!];
    return baseOf(h1!, x, y) + baseOf(h2!, x, y) + times * baseOf(name, x, y);
  },
};
function baseOf(name: JsonValue, x: JsonValue | undefined, y: JsonValue | undefined): number {
  return name === "none" || name === "flat" ? 0 : BASE[name as keyof typeof BASE]([x as number, y as number]);
}

/** A learning curve's valley: log-scaled rate, decay and width, an optimiser that changes where the best rate is. */
const training: TestFunction = {
  name: "training valley",
  parameters: [
    { name: "lr", kind: "float", low: 1e-6, high: 1, log: true },
    { name: "decay", kind: "float", low: 1e-8, high: 1e-1, log: true },
    { name: "width", kind: "int", low: 8, high: 1024, log: true },
    { name: "dropout", kind: "float", low: 0, high: 0.9 },
    { name: "optimizer", kind: "choice", options: ["sgd", "momentum", "adam", "rmsprop"] },
    { name: "activation", kind: "choice", options: ["relu", "tanh", "gelu"] },
  ],
  minimum: 0.05,
  value([lr, decay, width, dropout, optimizer, activation]) {
    const best = { sgd: -0.8, momentum: -1.7, adam: -3.1, rmsprop: -3.4 }[optimizer as "sgd"]!;
    const penalty =
      { sgd: 0.06, momentum: 0.02, adam: 0, rmsprop: 0.03 }[optimizer as "sgd"]! +
      (activation === "tanh" ? 0.04 : activation === "gelu" ? 0 : 0.015);
    const narrow = 0.02 * (log10(1024) - log10(width as number)) ** 2;
    const overfit = 0.25 * ((width as number) >= 64 ? 1 : 0.5) * ((dropout as number) - 0.3) ** 2;
    const rate = 1 - exp(-(((log10(lr as number) - best) / 0.9) ** 2));
    return 0.05 + penalty + narrow + overfit + 0.6 * rate + 0.012 * (log10(decay as number) + 4.2) ** 2;
  },
};

/** Whole numbers and options only: which of ten switches are on, in pairs that matter together. */
const switches: TestFunction = {
  name: "switches and steps",
  parameters: [
    ...Array.from({ length: 6 }, (_, index) => ({ name: `s${index}`, kind: "choice" as const, options: ["a", "b", "c"] })),
    ...Array.from({ length: 4 }, (_, index) => ({ name: `n${index}`, kind: "int" as const, low: 1, high: 30 })),
  ],
  minimum: 0,
  value(x) {
    const wanted = ["a", "c", "b", "b", "a", "c"];
    const pairs = [0, 2, 4].map((i) => (x[i] === wanted[i] && x[i + 1] === wanted[i + 1] ? 0 : x[i] === wanted[i] ? 0.6 : 1));
    const steps = [4, 11, 23, 17].map((best, i) => abs((x[6 + i] as number) - best) / 30);
    return sum(pairs) + sum(steps);
  },
};

/** The functions of the table in docs/benchmarks.md. */
export const TEST_FUNCTIONS: readonly TestFunction[] = [
  branin,
  camel,
  goldstein,
  hartmann3,
  rosenbrock(4),
  func2c,
  func3c,
  ackley(5),
  michalewicz,
  rastrigin(5),
  levy(6),
  hartmann6,
  training,
  borehole,
  griewank(8),
  switches,
  styblinski(10),
  dixonPrice(10),
  ackley(20),
  fewMatter,
];

/** Others, by which the sampler's settings were chosen; none is in the table. */
export const TRAINING_FUNCTIONS: readonly TestFunction[] = [
  box("sphere 3", 3, -5, 5, 0, (x) => sum(moved(x, 10).map((v) => v ** 2))),
  ellipsoid(6),
  ellipsoid(12),
  zakharov(4),
  rastrigin(3),
  ackley(3),
  levy(3),
  griewank(4),
  styblinski(5),
  rosenbrock(7),
  box("bumps 4", 4, 0, 1, 0, (x) => bumps(x, 12)),
  box("bumps 8", 8, 0, 1, 0, (x) => bumps(x, 20)),
  {
    name: "log rates",
    parameters: ["a", "b", "c", "d"].map((name) => ({ name, kind: "float" as const, low: 1e-7, high: 1, log: true })),
    minimum: 0,
    value: (x) => sum((x as number[]).map((v, i) => (log10(v) + 2 + i) ** 2 * [1, 0.3, 0.1, 0.02][i]!)),
  },
  {
    name: "boosting valley",
    parameters: [
      { name: "eta", kind: "float", low: 1e-3, high: 1, log: true },
      { name: "depth", kind: "int", low: 1, high: 16 },
      { name: "rounds", kind: "int", low: 10, high: 1000, log: true },
      { name: "subsample", kind: "float", low: 0.2, high: 1 },
      { name: "grow", kind: "choice", options: ["depth", "leaf"] },
      { name: "booster", kind: "choice", options: ["tree", "dart", "linear", "none"] },
    ],
    minimum: 0,
    value([eta, depth, rounds, subsample, grow, booster]) {
      const work = log10(eta as number) + log10(rounds as number);
      return (
        (work - 1.1) ** 2 * 0.5 +
        (((depth as number) - 6) / 10) ** 2 +
        ((subsample as number) - 0.75) ** 2 * 0.4 +
        (grow === "leaf" ? 0 : 0.05) +
        { tree: 0, dart: 0.04, linear: 0.4, none: 0.8 }[booster as "tree"]!
      );
    },
  },
  {
    name: "options 8",
    parameters: Array.from({ length: 8 }, (_, index) => ({ name: `o${index}`, kind: "choice" as const, options: ["a", "b", "c", "d"] })),
    minimum: 0,
    value: (x) =>
      sum(
        x.map(
          (v, i) => ("abcd".indexOf(v as string) === (i * 7 + 2) % 4 ? 0 : 1 + ("abcd".indexOf(v as string) % 2) * 0.3) * (1 + (i % 3)),
        ),
      ),
  },
];

function bumps(x: readonly number[], count: number): number {
  let best = 0;
  for (let bump = 0; bump < count; bump++) {
    const height = bump === 0 ? 1 : 0.5 + 0.4 * ((bump * 0.7548776662) % 1);
    const distance = sum(x.map((v, i) => (v - ((bump * 0.569840291 + i * 0.3819660113 + bump * i * 0.21) % 1)) ** 2));
    best = Math.max(best, height * exp(-distance / (0.12 + 0.1 * ((bump * 0.3) % 1))));
  }
  return 1 - best;
}
