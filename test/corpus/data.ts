import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Hosts whose files rows fetch. What stands for them is made here: of the same form, small, and of nobody's data. */
const HOSTS = {
  "http://yann.lecun.com/exdb/": "yann.lecun.com/exdb",
  "https://azureopendatastorage.blob.core.windows.net/": "azureopendatastorage",
  "https://dprepdata.blob.core.windows.net/": "dprepdata",
  "https://automlsamplenotebookdata.blob.core.windows.net/": "automlsamplenotebookdata",
} as const;
const SIDE = 28;
const CLASSES = 10;

/** Makes the files below `folder`, and names for each address the folder that stands for it. */
export function makeData(folder: string): Readonly<Record<string, string>> {
  for (const host of [HOSTS["http://yann.lecun.com/exdb/"], HOSTS["https://azureopendatastorage.blob.core.windows.net/"]]) {
    for (const [name, count] of [
      ["train", 1000],
      ["t10k", 200],
    ] as const) {
      write(join(folder, host, `mnist/${name}-images-idx3-ubyte.gz`), gzipSync(images(count)));
      write(join(folder, host, `mnist/${name}-labels-idx1-ubyte.gz`), gzipSync(labels(count)));
    }
  }
  write(join(folder, "dprepdata/demo/Titanic.csv"), passengers());
  write(join(folder, "automlsamplenotebookdata/automl-sample-notebook-data/creditcard.csv"), payments());
  return Object.fromEntries(Object.entries(HOSTS).map(([address, host]) => [address, join(folder, host)]));
}

/** Digits in the form of MNIST: a bar at a height of its own for each, and some noise. */
function images(count: number): Buffer {
  const head = Buffer.alloc(16);
  for (const [index, value] of [0x803, count, SIDE, SIDE].entries()) head.writeUInt32BE(value, 4 * index);
  const pixels = Buffer.alloc(count * SIDE * SIDE);
  for (let image = 0; image < count; image += 1) {
    for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
      const isBar = Math.floor(pixel / SIDE / 2.8) === image % CLASSES;
      pixels[image * SIDE * SIDE + pixel] = isBar ? 255 : (image * 31 + pixel * 17) % 60;
    }
  }
  return Buffer.concat([head, pixels]);
}

function labels(count: number): Buffer {
  const head = Buffer.alloc(8);
  for (const [index, value] of [0x801, count].entries()) head.writeUInt32BE(value, 4 * index);
  return Buffer.concat([head, Buffer.from(Array.from({ length: count }, (_, index) => index % CLASSES))]);
}

function passengers(): string {
  const rows = Array.from({ length: 60 }, (_, index) => {
    const [sex, port] = [index % 3 === 0 ? "female" : "male", "SCQ"[index % 3]];
    return `${index + 1},${index % 2},${1 + (index % 3)},"Passenger, No. ${index + 1}",${sex},${20 + (index % 40)},${index % 2},0,T${index},${7 + index / 10},,${port}`;
  });
  return ["PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked", ...rows, ""].join("\n");
}

function payments(): string {
  const components = Array.from({ length: 28 }, (_, index) => `V${index + 1}`);
  const rows = Array.from({ length: 300 }, (_, index) => {
    const isFraud = index % 20 === 0;
    return [index, ...components.map((_, at) => Math.sin(index * (at + 1)) + (isFraud ? 2 : 0)), (index * 7) % 90, Number(isFraud)].join(
      ",",
    );
  });
  return [["Time", ...components, "Amount", "Class"].join(","), ...rows, ""].join("\n");
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
