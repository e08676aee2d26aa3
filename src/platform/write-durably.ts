import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Puts a file in place whole or not at all, whatever ends the process or the machine meanwhile. One writer at a time. */
export async function writeDurably(path: string, content: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.new`;
  {
    await using file = await open(temporary, "w", mode);
    await file.writeFile(content);
    await file.sync();
  }
  await rename(temporary, path);
  await using folder = await open(dirname(path));
  await folder.sync();
}
