/** How instances of one language runtime are started ahead. */
export interface StemLanguage {
  readonly id: string;
  /** File in scripts/ that stands in the place of the framework's main file. */
  readonly script: string;
  /** The framework's main file as an absolute path, if this command starts it. */
  readonly mainOf: (command: readonly string[]) => string | undefined;
  /** What the main file loads, as the script is told; empty when nothing is known. */
  readonly preloadOf: (main: string) => readonly string[];
  /** Variables that the runtime looks at when it starts, and that a stem therefore has from the start. */
  readonly bootNames: RegExp;
  /** Whether with these variables the runtime does nothing else than without them before it loads the main file. */
  readonly allows: (env: Readonly<Record<string, string>>) => boolean;
}

/** Options that only say how much memory is for what. */
const HARMLESS_OPTION = /^--max-(old|semi)-space-size(-percentage)?=\d+$/;
const FRAMEWORK_MAIN = /^\/.*\/node_modules\/@google-cloud\/functions-framework\/.+\.js$/;

const nodejs: StemLanguage = {
  id: "nodejs",
  script: "node-stem.cjs",
  mainOf: ([program, main = "", ...rest]) =>
    program === "node" && FRAMEWORK_MAIN.test(main) && rest.length === 0 ? main : undefined,
  preloadOf: (main) => [...main.matchAll(/^const \w+ = require\("(\.\/[\w/-]+)"\);$/gm)].map(([, request]) => request!),
  bootNames:
    /^(PATH|HOME|TZ|TZDIR|LANG|LC_\w+|SSL_\w+|REQUESTS_CA_BUNDLE|NO_COLOR|FORCE_COLOR|(NODE|UV|ICU|OPENSSL)_\w+)$/,
  allows: (env) =>
    (env["NODE_OPTIONS"] ?? "").split(" ").every((option) => option === "" || HARMLESS_OPTION.test(option)) &&
    Object.keys(env).every((name) => !/^(LD|MALLOC|GLIBC|GCONV)_|^NODE_(V8_COVERAGE|COMPILE_CACHE)$/.test(name)),
};

export const stemLanguages: readonly StemLanguage[] = [nodejs];
