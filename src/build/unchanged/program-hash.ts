import { createHash } from "node:crypto";
import { join } from "node:path";
import { addFolder } from "./add-folder.ts";

const FOLDERS = [
  join(import.meta.dirname, "..", "lifecycle"),
  join(import.meta.dirname, "..", "..", "..", "buildpacks"),
];
let known: Promise<string> | undefined;

/** A hash of the lifecycle and of our own buildpacks, found out once per process. */
export function programHash(): Promise<string> {
  known ??= hashFolders();
  return known;
}

async function hashFolders(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of FOLDERS) await addFolder(hash, folder, "");
  return hash.digest("hex");
}
