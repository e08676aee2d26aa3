import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first executable file of that name on the PATH. */
export function findProgram(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  return path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
