import { buildToolsBeside } from "./build-tools.ts";
import type { Runtime } from "./runtime.ts";

/** GNU's names of the machines that Node.js runs on. */
const TRIPLETS: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** How Debian's Python calls the compilers. */
const COMPILERS: readonly string[] = ["gcc", "g++"].map((name) => `${TRIPLETS[process.arch] ?? process.arch}-${name}`);
/** Python itself is in the images already. */
const beside = buildToolsBeside(["python3"]);

/** What Google's runtimes have, too: setuptools while it has pkg_resources, wheel while it needs no other package. */
const TOOLS: readonly string[] = ["pip", "setuptools<81", "wheel<0.46"];

/** Python runtimes: the versions that Debian's releases are built around, which Debian keeps secure. */
export const PYTHON: readonly Runtime[] = [
  python("3.11", "google-22-full", "bookworm", ["python3-distutils"]),
  python("3.13", "google-22-full", "trixie", []),
];

function python(version: string, stack: string, codename: Runtime["codename"], packages: readonly string[]): Runtime {
  return {
    id: `python${version.replace(".", "")}`,
    stack,
    codename,
    run: [{ kind: "python", version, packages, tools: TOOLS }],
    build: [
      { kind: "debian", title: "Python headers", packages: [`libpython${version}-dev`] },
      { kind: "python-tools", version, tools: ["uv"] },
    ],
    onDemand: { ...beside, programs: [...beside.programs, ...COMPILERS] },
  };
}
