import { readFileSync } from "node:fs";
import type { RealServer } from "../../tests/support/real-server.ts";
import { until } from "../../tests/support/until.ts";

const PROJECT = "homerun-local";
const LOCATION = "us-central1";
const REGISTRY = `${LOCATION}-docker.pkg.dev`;
const BUCKET = "bench-sources";
const REPOSITORY = "bench";
const PARENT = `projects/${PROJECT}/locations/${LOCATION}`;

/** Makes the bucket and the repository that builds use. */
export async function prepareBuilds(server: RealServer): Promise<void> {
  await expectOk(server.json("POST", `/storage/v1/b?project=${PROJECT}`, { name: BUCKET, location: LOCATION }));
  const path = `/artifactregistry/v1/${PARENT}/repositories?repositoryId=${REPOSITORY}`;
  await expectOk(server.json("POST", path, { format: "DOCKER" }));
}

/** Builds a zip archive for a runtime as a function's build does; resolves with the time from created to SUCCESS, ms. */
export async function buildMs(server: RealServer, name: string, runtime: Runtime, archive: Buffer): Promise<number> {
  const object = `${name}.zip`;
  const upload = await fetch(`${server.url}/upload/storage/v1/b/${BUCKET}/o?uploadType=media&name=${object}`, {
    method: "POST",
    headers: { "content-type": "application/zip" },
    body: new Uint8Array(archive),
  });
  if (!upload.ok) throw new Error(`the upload answered ${upload.status}`);
  const args = packArgs(`${REGISTRY}/${PROJECT}/${REPOSITORY}/${name}`, runtime);
  const created = await expectOk(
    server.json("POST", `/cloudbuild/v1/${PARENT}/builds`, {
      source: { storageSource: { bucket: BUCKET, object } },
      steps: [{ name: "gcr.io/k8s-skaffold/pack", entrypoint: "pack", args }],
      options: { logging: "CLOUD_LOGGING_ONLY" },
    }),
  );
  const { id } = (created["metadata"] as { build: { id: string } }).build;
  const build = await until(async () => {
    const { body } = await server.json("GET", `/cloudbuild/v1/${PARENT}/builds/${id}`);
    return body["finishTime"] !== undefined && (body as unknown as FinishedBuild);
  });
  if (build.status !== "SUCCESS") throw new Error(`${name}: ${build.status} ${build.statusDetail ?? ""}`);
  return Date.parse(build.finishTime) - Date.parse(build.createTime);
}

/** Resident memory of a process, MiB. */
export function residentMib(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** What a build is asked for. */
export interface Runtime {
  readonly id: string;
  readonly stack: string;
  readonly target: string;
}

interface FinishedBuild {
  readonly status: string;
  readonly statusDetail?: string;
  readonly createTime: string;
  readonly finishTime: string;
}

function packArgs(image: string, { id, stack, target }: Runtime): string[] {
  const env = {
    GOOGLE_FUNCTION_TARGET: target,
    GOOGLE_FUNCTION_SIGNATURE_TYPE: "http",
    GOOGLE_RUNTIME: id,
    X_GOOGLE_TARGET_PLATFORM: "gcf",
  };
  const runImage = `${REGISTRY}/serverless-runtimes/${stack}/runtimes/${id}`;
  const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  return ["build", `${image}:latest`, "--publish", "--run-image", runImage, ...variables];
}

async function expectOk(
  answer: Promise<{ status: number; body: Record<string, unknown> }>,
): Promise<Record<string, unknown>> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}
