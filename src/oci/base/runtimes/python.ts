import type { Runtime } from "./runtime.ts";

/** Python runtimes: the versions that Debian's releases are built around, which Debian keeps secure. */
export const PYTHON: readonly Runtime[] = [
  // Until 3.12 setuptools and its distutils belonged to what every installation has.
  python("3.11", "google-22-full", "bookworm", ["python3-distutils"], ["pip", "setuptools", "wheel"]),
  python("3.13", "google-22-full", "trixie", [], ["pip"]),
];

function python(
  version: string,
  stack: string,
  codename: Runtime["codename"],
  packages: readonly string[],
  tools: readonly string[],
): Runtime {
  return {
    id: `python${version.replace(".", "")}`,
    stack,
    codename,
    run: [{ kind: "python", version, packages, tools }],
    build: [
      { kind: "debian", title: "Python headers and compilers", packages: [`libpython${version}-dev`, "g++", "make"] },
      { kind: "python-tools", version, tools: ["uv"] },
    ],
  };
}
