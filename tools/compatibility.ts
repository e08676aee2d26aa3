import { readFileSync, writeFileSync } from "node:fs";
import { type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { http } from "../src/gen/google/api/annotations_pb.js";
import { defineServices, type AllServiceDeps } from "../src/services/services.ts";
import { mixinServices } from "../src/wire/mixins.ts";
import type { ServiceModule } from "../src/wire/service-module.ts";

/**
 * Writes the table of every method of every served API from the modules themselves; with --check, fails when the
 * committed table is not what they say.
 */
const FILE = "docs/compatibility/methods.md";
const HEADER = `# Every method

Written by \`node tools/compatibility.ts\` from the served protos and the methods that are implemented. A method that is
not supported answers UNIMPLEMENTED (HTTP 501), "Method NAME is not supported by homerun.", over REST and gRPC alike.
`;
const MIXINS = `
## Of every API

\`google.longrunning.Operations\` (get, list, wait, cancel, delete) and \`google.cloud.location.Locations\` (get, list) are
served at every host, over REST under the versions below; \`google.iam.v1.IAMPolicy\` (get, set, test) for the resources below.
`;

/** Answers everything with itself: modules are made to be read here, never called. */
const nothing: object = new Proxy(() => {}, {
  get: (_, key) => (key === Symbol.toPrimitive ? () => "nothing" : nothing),
  apply: () => nothing,
});

const modules = defineServices(nothing as AllServiceDeps).toSorted((a, b) => (a.name < b.name ? -1 : 1));
const text = [HEADER, ...modules.map(chapterOf), MIXINS.trimStart(), mixinTable(modules)].join("\n");
if (!process.argv.includes("--check")) writeFileSync(FILE, text);
else if (readFileSync(FILE, "utf8") === text) console.log(`${FILE} ok (${modules.length} APIs)`);
else {
  console.log(`${FILE} is not what the modules say; run node tools/compatibility.ts`);
  process.exitCode = 1;
}

function chapterOf(module: ServiceModule): string {
  const served = new Set(module.rpcs.map(({ method }) => method));
  const own = module.services.filter((service) => !mixinServices.includes(service as never));
  const count = (methods: readonly DescMethod[]) => methods.filter((method) => served.has(method)).length;
  const methods = own.flatMap((service) => service.methods);
  const title = `## ${module.name}.googleapis.com\n\n${count(methods)} of ${methods.length} methods.\n`;
  const tables = own.map((service) => `### ${service.typeName}\n\n${tableOf(service, served)}`);
  return [title, ...tables].join("\n");
}

function tableOf(service: DescService, served: ReadonlySet<DescMethod>): string {
  const rows = service.methods.map((method) => [
    method.name,
    routeOf(method),
    served.has(method) ? "supported" : "UNIMPLEMENTED",
  ]);
  return markdownTable(["method", "REST", ""], rows);
}

function routeOf(method: DescMethod): string {
  const { pattern } = getOption(method, http);
  if (pattern.case === undefined) return "gRPC only";
  return pattern.case === "custom" ? `\`${pattern.value.path}\`` : `\`${pattern.case.toUpperCase()} ${pattern.value}\``;
}

function mixinTable(all: readonly ServiceModule[]): string {
  const rows = all.map(({ name, mixinVersions = [], iamResources = [] }) => {
    const resources = iamResources.map(({ template }) => `\`${template}\``).join(", ");
    return [name, mixinVersions.join(", "), resources];
  });
  return markdownTable(["API", "REST versions", "resources with IAM policies"], rows);
}

/** Columns padded as the formatter does. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return `${[line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")}\n`;
}
