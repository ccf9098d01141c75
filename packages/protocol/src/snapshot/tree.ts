import { z } from "zod";

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A name in a folder: one path part, never `.`, `..`, empty, or with `/` or NUL. */
export const entryName = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => name !== "." && name !== ".." && !/[/\0]/.test(name), "a name in a folder is one path part");

/** One thing in a folder of a snapshot. `mode` holds the permission bits only (0o755 and the like). */
export const treeEntry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("file"), name: entryName, mode: z.int().min(0).max(0o777), size: z.int().min(0), sha256 }),
  z.object({
    kind: z.literal("folder"),
    name: entryName,
    mode: z.int().min(0).max(0o777),
    sha256,
    size: z.int().min(0),
    files: z.int().min(0),
  }),
  /** a symbolic link that stays inside the tree */
  z.object({ kind: z.literal("link"), name: entryName, target: z.string().min(1).max(4096) }),
]);
export type TreeEntry = z.infer<typeof treeEntry>;

/**
 * A folder of a snapshot: its entries sorted by name (UTF-16 code units). Stored as a blob whose content is
 * `encodeTree(tree)`, so that a folder's SHA-256 is that of its text and an edit touches only the folders above it.
 */
export const tree = z.object({ version: z.literal(1), entries: z.array(treeEntry) });
export type Tree = z.infer<typeof tree>;

/** A snapshot: the folder it is of, by the SHA-256 of its root tree. `snapshotId` is a GUID (spec 04 §1.3). */
export const snapshot = z.object({
  snapshotId: z.string(),
  root: sha256,
  files: z.int(),
  bytes: z.int(),
  createdUtc: z.iso.datetime(),
});
export type Snapshot = z.infer<typeof snapshot>;
