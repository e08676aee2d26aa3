import type { DebianRecipe } from "../layers/debian-layer.ts";
import type { GoRecipe } from "../layers/go-layer.ts";
import { buildToolsBeside } from "./build-tools.ts";
import type { Runtime } from "./runtime.ts";

/** The version of Go that builds for a runtime that says nothing of Go. Google: buildpacks, pkg/golang, latestGoVersionPerStack. */
export const LATEST_GO: string = "1.26";

/** What compiles C: Go's own packages have parts in C, which are compiled wherever there is a compiler. */
const C_COMPILER: DebianRecipe = {
  kind: "debian",
  title: "C compiler",
  packages: ["gcc", "libc6-dev", "pkg-config"],
  links: { "usr/bin/cc": "gcc" },
};
const C_PROGRAMS: readonly string[] = ["ar", "as", "cc", "cpp", "gcc", "ld", "pkg-config", "ranlib"];

/** What an image has that compiles Go. */
export function goToolchain(minor: string): Pick<Runtime, "build" | "onDemand"> {
  const toolchain: GoRecipe = { kind: "go", minor };
  return { build: [C_COMPILER, toolchain], onDemand: buildToolsBeside(C_PROGRAMS) };
}

/** Go runtimes; what is built is a program of its own, so that run images are the operating system alone. */
export const GO: readonly Runtime[] = [
  go("1.21", "google-22-full"),
  go("1.22", "google-22-full"),
  go("1.23", "google-22-full"),
  go("1.24", "google-22-full"),
  go("1.25", "google-22-full"),
  go("1.26", "google-24-full"),
  go("1.27", "google-24-full"),
];

function go(minor: string, stack: string): Runtime {
  return { id: `go${minor.replace(".", "")}`, stack, codename: "trixie", run: [], ...goToolchain(minor) };
}
