import type { JsonAnswer, RealServer } from "./real-server.ts";
import { until } from "./until.ts";

/** A build as REST describes it, as far as tests look at it. */
export interface FinishedBuild {
  readonly status: string;
  readonly log: string;
  readonly images: readonly { readonly name: string; readonly digest: string }[];
  /** Seconds from createTime to finishTime. */
  readonly seconds: number;
}

const BUILDS = "/cloudbuild/v1/projects/homerun-local/builds";

/** Creates a build without source and waits for its end. */
export async function runBuild(server: RealServer, build: object): Promise<FinishedBuild> {
  const { body } = await server.json("POST", BUILDS, { ...build, options: { logging: "GCS_ONLY" } });
  const { id } = (body["metadata"] as { build: { id: string } }).build;
  const finished = await until(async () => {
    const answer: JsonAnswer = await server.json("GET", `${BUILDS}/${id}`);
    return !["QUEUED", "WORKING"].includes(String(answer.body["status"])) && answer.body;
  });
  const bucket = String(finished["logsBucket"]).replace("gs://", "");
  const log = await fetch(`${server.url}/storage/v1/b/${bucket}/o/log-${id}.txt?alt=media`);
  const results = (finished["results"] ?? {}) as { images?: FinishedBuild["images"] };
  const [start, end] = [finished["createTime"], finished["finishTime"]].map((time) => Date.parse(String(time)));
  return {
    status: String(finished["status"]),
    log: await log.text(),
    images: results.images ?? [],
    seconds: (end! - start!) / 1000,
  };
}

/** A step of the docker image that runs a bash script. */
export function dockerStep(script: string, more: object = {}): object {
  return { name: "gcr.io/cloud-builders/docker", script: `#!/bin/bash\n${script}`, ...more };
}
