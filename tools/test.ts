import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";

/** Debian packages whose programs some tests need, by a path that shows that they are there. */
const PACKAGES: Readonly<Record<string, string>> = { postgresql: "/usr/lib/postgresql/*/bin/initdb" };
/** One test may build an image from scratch on a busy machine. */
const TEST_TIMEOUT_MS = 300_000;

ensurePackages();
const files = process.argv.slice(2).length
  ? process.argv.slice(2)
  : globSync(["src/**/*.test.ts", "tests/**/*.test.ts", "buildpacks/**/*.test.ts"]);
if (files.length === 0) throw new Error("no test files found: refusing to report success");
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=2", `--test-timeout=${TEST_TIMEOUT_MS}`, "--test-reporter=spec", ...files.sort()],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;

/** Installs what is missing where that is possible; elsewhere the tests that need it say that they were not run. */
function ensurePackages(): void {
  const missing = Object.entries(PACKAGES).flatMap(([name, path]) => (globSync(path).length ? [] : [name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    console.warn(`NOT INSTALLED: ${missing.join(", ")}; the tests that need them are not run`);
    return;
  }
  const apt = (...args: string[]) =>
    execFileSync("apt-get", args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update", "-q");
  apt("install", "-y", "-q", "--no-install-recommends", ...missing);
}
