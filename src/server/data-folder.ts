import { chmodSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What nobody but the server has any business in: images hold set-uid programs of whoever made them, builds hold sources. */
const PRIVATE_FOLDERS = ["base-images", "builds", "images", "keys", "layers", "sandboxes", "stems", "tools"];

/**
 * Makes a data folder and takes it for this process alone until disposed, or until the process ends however it does;
 * rejects when another process has it. What is in it stays closed to other users, also in a folder that is open to them.
 */
export async function takeDataFolder(dataDir: string): Promise<Disposable> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockFile(join(dataDir, "server.lock"), dataDir);
  for (const name of PRIVATE_FOLDERS) {
    const folder = join(dataDir, name);
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o700);
  }
  return lock;
}

/** Node.js has no locks on files, SQLite does: the kernel gives them up with the process. */
function lockFile(file: string, dataDir: string): Disposable {
  const database = new DatabaseSync(file);
  try {
    // Who can read it could lock it, too.
    chmodSync(file, 0o600);
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    throw new Error(`another server runs, or starts, on ${dataDir}`, { cause });
  }
  return { [Symbol.dispose]: () => database.close() };
}
