import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { BuildContext } from "../lib/context.ts";
import { BuildpackError } from "../lib/error.ts";
import type { JavaInstallation } from "../lib/java/java-version.ts";
import { isTrue } from "../lib/java/variables.ts";

/** Names of the classes that starting a function and calling it loads, besides those in the JDK's own list. */
const CLASSES = "classes.txt";
/** The first Java that writes the same archive twice. */
const FIRST_JAVA = 21;
/** The modification time that exported files get, in seconds; the JVM compares it with the one it saw. */
const EXPORTED_TIME = 315_532_801;
/** Where builds of a project keep archives; they take longer to make than to copy. */
const CACHE = "/cache/java/archives";

/** Whether the run image's Java is the one that an archive would be made with, and archives can be reproduced. */
export function canArchive({ env }: Pick<BuildContext, "env">, { home, version }: JavaInstallation): boolean {
  const isSame = isTrue(env["X_GOOGLE_SKIP_RUNTIME_LAUNCH"]);
  return isSame && Number.parseInt(version) >= FIRST_JAVA && existsSync(join(home, "lib", "classlist"));
}

/**
 * Puts the classes of a jar and of the JDK that functions need, parsed and verified, into an archive beside the jar: a
 * function then starts in about two thirds of the time. Where that fails the function starts without. The same jar at
 * the same path and the same Java give the same archive. Java: "Class Data Sharing".
 */
export async function archiveClasses(context: BuildContext, jar: string, java: JavaInstallation): Promise<void> {
  utimesSync(jar, EXPORTED_TIME, EXPORTED_TIME);
  const archive = archiveOf(jar);
  const names = classNames(context, java);
  const hash = createHash("sha256").update(`${java.build}:${jar}:${names}`).update(readFileSync(jar)).digest("hex");
  const kept = join(CACHE, `${hash}.jsa`);
  if (existsSync(kept)) return copyFileSync(kept, archive);
  const list = `${archive}.list`;
  writeFileSync(list, names);
  try {
    const files = [`-XX:SharedClassListFile=${list}`, `-XX:SharedArchiveFile=${archive}`];
    await context.exec(["java", "-Xshare:dump", "-Xlog:disable", ...files, "-cp", jar], { cwd: "/" });
    keep(archive, kept);
  } catch (error) {
    if (!(error instanceof BuildpackError)) throw error;
    context.warn(`Failed to archive the classes of the functions framework: ${error.message}`);
  } finally {
    rmSync(list);
  }
}

/** The path of a jar's archive. */
export function archiveOf(jar: string): string {
  return jar.replace(/\.jar$/, ".jsa");
}

function classNames(context: BuildContext, { home }: JavaInstallation): string {
  return `${readFileSync(join(home, "lib", "classlist"), "utf8")}\n${readFileSync(join(context.buildpackDir, CLASSES), "utf8")}`;
}

/** Another build may be doing the same. */
function keep(archive: string, kept: string): void {
  if (!existsSync(dirname(dirname(dirname(kept))))) return;
  mkdirSync(dirname(kept), { recursive: true });
  const unfinished = `${kept}.${process.pid}`;
  copyFileSync(archive, unfinished);
  renameSync(unfinished, kept);
}
