import { type BootedApi, bootApi, type BootOptions } from "../../../../tests/support/boot-api.ts";
import { type ImageReference } from "../../../oci/reference.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import type { ServiceModule } from "../../../wire/service-module.ts";
import { run } from "../module.ts";
import { createTestBaseImages, type TestBaseImages } from "./base-images.ts";
import { ANSWERING, ProcessServing, PROGRAM } from "./process-serving.ts";

export const PARENT = "projects/demo/locations/us-central1";
export const IMAGE = "us-central1-docker.pkg.dev/demo/images/hello:latest";
const DIGEST = `sha256:${"a".repeat(64)}`;

export interface BootedRun extends AsyncDisposable {
  readonly api: BootedApi;
  readonly serving: ProcessServing;
  readonly baseImages: TestBaseImages;
  /** Resolves with the finished operation of a REST answer. */
  wait(answer: { body: Record<string, unknown> }): Promise<Record<string, unknown>>;
}

/** The run service over real sockets, store and processes. Its registry has every image whose name has no "missing". */
export async function bootRun(
  options: BootOptions = {},
  others: (deps: ServiceDeps) => readonly ServiceModule[] = () => [],
): Promise<BootedRun> {
  const serving = new ProcessServing();
  const registry = {
    resolve: async ({ repository }: ImageReference) => (repository.includes("missing") ? undefined : DIGEST),
  };
  const baseImages = createTestBaseImages();
  const api = await bootApi((deps) => [run({ ...deps, serving, registry, baseImages }), ...others(deps)], options);
  return {
    api,
    serving,
    baseImages,
    async wait({ body }) {
      const name = String(body["name"]);
      for (;;) {
        const { body: operation } = await api.json("GET", `/run/v2/${name}`);
        if (operation["done"] || operation["error"] !== undefined) return operation;
      }
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
    },
  };
}

/** A v2 service body that answers every request with `answer`. */
export function serviceAnswering(answer: string, program = ANSWERING): { template: Record<string, unknown> } {
  const env = [
    { name: PROGRAM, value: program },
    { name: "ANSWER", value: answer },
  ];
  return { template: { containers: [{ image: IMAGE, env }] } };
}
