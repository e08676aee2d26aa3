import { BUILD_TOOLS } from "./build-tools.ts";
import type { Runtime } from "./runtime.ts";

/** Node.js runtimes. npm's majors are those that each Node.js ships with. */
export const NODEJS: readonly Runtime[] = [
  nodejs("20", "google-22-full", "10"),
  nodejs("22", "google-22-full", "10"),
  nodejs("24", "google-24-full", "11"),
];

function nodejs(major: string, stack: string, npm: string): Runtime {
  return {
    id: `nodejs${major}`,
    stack,
    codename: "trixie",
    run: [
      { kind: "node", range: major },
      { kind: "npm", packages: [`npm@${npm}`] },
    ],
    build: [{ kind: "npm", packages: ["yarn@1", "pnpm@10"] }],
    onDemand: BUILD_TOOLS,
  };
}
