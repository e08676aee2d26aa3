import {
  copyFileSync,
  constants,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";

/**
 * Copies what is in `from` into the folder `to`. Modes become 755 for folders and executables and 644 for the rest, so
 * that they do not depend on how the source was unpacked; symbolic links stay as they are; special files are left out.
 */
export function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const stats = lstatSync(source);
    if (stats.isDirectory()) copyTree(source, target);
    else if (stats.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (stats.isFile()) copyFile(source, target, (stats.mode & 0o111) !== 0);
  }
}

function copyFile(source: string, target: string, isExecutable: boolean): void {
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, isExecutable ? 0o755 : 0o644);
}
