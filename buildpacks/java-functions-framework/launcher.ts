import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JavaInstallation } from "../lib/java/java-version.ts";
import { archiveOf } from "./class-archive.ts";

/**
 * Writes a script that starts a jar with its archive of classes where the Java is the one that made it. A base image may
 * get a newer one under a function: the JVM would then do without its own archive, too.
 */
export function writeLauncher(folder: string, jar: string, { home, build }: JavaInstallation): void {
  const lines = [
    "#!/bin/sh",
    "while read -r line; do",
    `  if [ "$line" = 'JAVA_RUNTIME_VERSION="${build}"' ]; then`,
    `    exec java -XX:SharedArchiveFile=${archiveOf(jar)} -jar ${jar} "$@"`,
    "  fi",
    `done <${home}/release`,
    `exec java -jar ${jar} "$@"`,
    "",
  ];
  writeFileSync(launcherIn(folder), lines.join("\n"), { mode: 0o755 });
}

/** The path of the script in a folder. */
export function launcherIn(folder: string): string {
  return join(folder, "launch.sh");
}
