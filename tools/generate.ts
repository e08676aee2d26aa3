import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdtempDisposableSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { protoPatches } from "./proto-patches.ts";

/** The protos whose services homerun serves or calls; what they import is generated with them. */
const SOURCES = [
  "google/api",
  "google/cloud/audit/audit_log.proto",
  "google/cloud/eventarc/publishing/v1",
  "google/cloud/eventarc/v1",
  "google/cloud/functions/v1",
  "google/cloud/functions/v2",
  "google/cloud/kms/v1/resources.proto",
  "google/cloud/kms/v1/service.proto",
  "google/cloud/location/locations.proto",
  "google/cloud/resourcemanager/v3/projects.proto",
  "google/cloud/run/v2",
  "google/cloud/scheduler/v1",
  "google/cloud/tasks/v2",
  "google/devtools/artifactregistry/v1",
  "google/devtools/cloudbuild/v1",
  "google/cloud/secretmanager/v1",
  "google/firestore/v1/document.proto",
  "google/devtools/containeranalysis/v1",
  "google/iam/admin/v1",
  "google/iam/credentials/v1",
  "google/iam/v1/iam_policy.proto",
  "google/api/serviceusage/v1",
  "google/logging/v2",
  "google/monitoring/v3/metric_service.proto",
  "google/longrunning/operations.proto",
  "google/rpc/code.proto",
  "google/rpc/error_details.proto",
  "google/pubsub/v1",
  "google/storage/v2",
  "grafeas/v1",
];
/** Folders of google/api that belong to other products. */
const EXCLUDED = ["apikeys", "cloudquotas", "expr", "servicecontrol", "servicemanagement"].map(
  (name) => `google/api/${name}`,
);
const PROTOS = "node_modules/google-proto-files";
const GENERATED = "src/gen";

if (process.argv.includes("--check")) check();
else generate(".");

function generate(folder: string): void {
  using temp = mkdtempDisposableSync(join(tmpdir(), "homerun-protos-"));
  const protos = temp.path;
  cpSync(PROTOS, protos, { recursive: true });
  for (const { file, after, declarations } of protoPatches) {
    const path = join(protos, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(after)) throw new Error(`${file} has no line "${after}"`);
    writeFileSync(path, text.replace(after, `${after}\n${declarations}`));
  }
  const flags = [
    ...SOURCES.flatMap((path) => ["--path", join(protos, path)]),
    ...EXCLUDED.flatMap((path) => ["--exclude-path", join(protos, path)]),
  ];
  execFileSync("buf", ["generate", protos, "--output", folder, ...flags], { stdio: "inherit" });
}

/** Fails when the committed files are not what the protos generate. */
function check(): void {
  const folder = mkdtempSync(join(tmpdir(), "homerun-gen-"));
  try {
    generate(folder);
    const [fresh, committed] = [filesBelow(join(folder, GENERATED)), filesBelow(GENERATED)];
    const names = [...new Set([...fresh.keys(), ...committed.keys()])];
    const different = names.filter((name) => fresh.get(name) !== committed.get(name));
    if (fresh.size === 0) different.push("nothing was generated");
    console.log(
      different.length
        ? `src/gen differs; run npm run generate:\n${different.join("\n")}`
        : `src/gen ok (${fresh.size} files)`,
    );
    process.exitCode = different.length ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesBelow(folder: string): Map<string, string> {
  const files = globSync(`${folder}/**/*.{js,ts}`);
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file, "utf8")]));
}
