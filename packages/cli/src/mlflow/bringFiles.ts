import type { Account } from "./account.ts";
import type { Ends } from "./bringRun.ts";
import { type FilePlace, filesIn } from "./words.ts";

/** Where files come from and go to. */
export interface FilesOnTheirWay {
  readonly from: FilePlace;
  readonly to: FilePlace;
  /** the path, below the server here, of the folder that they are put into */
  readonly folder: string;
  readonly wanted?: (path: string) => boolean;
  /** what a file is to say here, when its path is one whose text changes */
  readonly changes?: (path: string) => ((text: string) => string) | null;
}

/** Brings the files that are not here with the same size. */
export async function bringFiles({ source, destination }: Ends, way: FilesOnTheirWay, account: Account): Promise<void> {
  const { from, to, folder, wanted = () => true, changes = () => null } = way;
  const files = (await filesIn(from)).filter(({ path }) => wanted(path));
  if (files.length === 0) return;
  const there = new Map((await filesIn(to)).map(({ path, size }) => [path, size]));
  for (const { path, size } of files) {
    if (there.get(path) === size) continue;
    const change = changes(path);
    await destination.upload(`${folder}/${path.split("/").map(encodeURIComponent).join("/")}`, async () => {
      const bytes = await source.download(from.fileAt(path));
      return change === null ? bytes : new Blob([change(await new Response(bytes).text())]).stream();
    });
    account.files.count++;
    account.files.bytes += size;
  }
}
