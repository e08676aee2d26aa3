import { globSync } from "node:fs";
import { join } from "node:path";

/** How instances of one language runtime are started ahead. */
export interface StemLanguage {
  readonly id: string;
  /** File in scripts/ that stands in the place of the framework's main file. */
  readonly script: string;
  /** First line of the main file that the script needs, too, if it is started by it. */
  readonly headOf: (main: string) => string;
  /** The framework's main file as an absolute path, if this command starts it in an image with these layers. */
  readonly mainOf: (command: readonly string[], layers: readonly string[]) => string | undefined;
  /** What the main file loads, as the script is told; empty when nothing is known. */
  readonly preloadOf: (main: string) => readonly string[];
  /** More files for the script, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables that the runtime looks at when it starts, and that a stem therefore has from the start. */
  readonly bootNames: RegExp;
  /** Whether with these variables the runtime does nothing else than without them before it loads the main file. */
  readonly allows: (env: Readonly<Record<string, string>>) => boolean;
  /** Whether a file of a package that the runtime runs whenever it starts does nothing but what stems know. */
  readonly allowsStartFile: (content: string) => boolean;
}

/** Variables of the C library and its loader that change how any program starts. */
const LOADER_NAME = /^(LD|MALLOC|GLIBC|GCONV)_/;

/** Options that only say how much memory is for what. */
const HARMLESS_OPTION = /^--max-(old|semi)-space-size(-percentage)?=\d+$/;
const FRAMEWORK_MAIN = /^\/.*\/node_modules\/@google-cloud\/functions-framework\/.+\.js$/;

const nodejs: StemLanguage = {
  id: "nodejs",
  script: "node-stem.cjs",
  headOf: () => "",
  mainOf: ([program, main = "", ...rest]) =>
    program === "node" && FRAMEWORK_MAIN.test(main) && rest.length === 0 ? main : undefined,
  preloadOf: (main) => [...main.matchAll(/^const \w+ = require\("(\.\/[\w/-]+)"\);$/gm)].map(([, request]) => request!),
  // A function to practise with.
  files: {
    "package.json": '{ "name": "practice", "version": "1.0.0", "main": "index.js" }\n',
    "index.js": 'exports.practice = (request, response) => response?.send?.("done");\n',
  },
  bootNames:
    /^(PATH|HOME|TZ|TZDIR|LANG|LC_\w+|SSL_\w+|REQUESTS_CA_BUNDLE|NO_COLOR|FORCE_COLOR|(NODE|UV|ICU|OPENSSL)_\w+)$/,
  allows: (env) =>
    (env["NODE_OPTIONS"] ?? "").split(" ").every((option) => option === "" || HARMLESS_OPTION.test(option)) &&
    Object.keys(env).every((name) => !LOADER_NAME.test(name) && !/^NODE_(V8_COVERAGE|COMPILE_CACHE)$/.test(name)),
  allowsStartFile: () => false,
};

/** The program that pip makes of a package's entry point, with the interpreter in its first line. */
const ENTRY_POINT =
  /^#!\S+\n(?:# -\*- coding: utf-8 -\*-\n)?(?:import re\n)?import sys\nfrom (functions_framework\._cli) import _cli\n/;
/** Variables that leave alone what is imported and when. */
const HARMLESS_PYTHON_NAME = /^PYTHON(UNBUFFERED|USERBASE|DONTWRITEBYTECODE|HASHSEED|UTF8|IOENCODING|FAULTHANDLER)$/;
/** What setuptools writes for packages that share a name space, and for itself. */
const HARMLESS_START_LINE =
  /^(#.*|import sys, types, os;(has_mfs = |p = ).*|import os; var = 'SETUPTOOLS_USE_DISTUTILS';.*)?$/;

const python: StemLanguage = {
  id: "python",
  script: "python-stem.py",
  headOf: (main) => /^#!.*\n/.exec(main)?.[0] ?? "",
  mainOf([program, ...rest], layers) {
    if (program !== "functions-framework" || rest.length > 0) return undefined;
    // Whether this is the one that the PATH leads to is seen when it is started.
    const found = layers
      .toReversed()
      .flatMap((layer) => globSync(join("layers", "*", "*", "bin", program), { cwd: layer }));
    return found[0] && `/${found[0]}`;
  },
  preloadOf: (main) => ENTRY_POINT.exec(main)?.slice(1) ?? [],
  files: {},
  bootNames:
    /^(PATH|HOME|TZ|TZDIR|LANG|LANGUAGE|LC_\w+|SSL_\w+|OPENSSL_\w+|PYTHON\w+|LD_LIBRARY_PATH|SETUPTOOLS_USE_DISTUTILS)$/,
  allows: (env) =>
    Object.keys(env).every((name) =>
      name === "LD_LIBRARY_PATH"
        ? // As launchers have it. The folder is in every stem, so that the loader does not take it for missing.
          env[name] === `${env["PYTHONUSERBASE"]}/lib`
        : !LOADER_NAME.test(name) && (!name.startsWith("PYTHON") || HARMLESS_PYTHON_NAME.test(name)),
    ),
  allowsStartFile: (content) => content.split("\n").every((line) => HARMLESS_START_LINE.test(line)),
};

export const stemLanguages: readonly StemLanguage[] = [nodejs, python];
