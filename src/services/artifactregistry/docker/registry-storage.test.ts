import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registryStorageSuite } from "../../../oci/distribution/storage-suite.ts";
import { bootApi } from "../../../../tests/support/boot-api.ts";
import { artifactRegistryMigrations } from "../migrations.ts";
import { createRegistryModel } from "../model.ts";
import { reconcilers } from "../reconcile.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import { createRegistryStorage } from "./registry-storage.ts";

registryStorageSuite("Artifact Registry", async () => {
  const temp = mkdtempDisposableSync(join(tmpdir(), "artifactregistry-"));
  let close = async () => {};
  return {
    async open() {
      await close();
      let deps: ServiceDeps | undefined;
      const api = await bootApi(
        (given) => {
          deps = given;
          const model = createRegistryModel(given);
          const migrations = artifactRegistryMigrations;
          return [{ name: "artifactregistry", services: [], rpcs: [], migrations, reconcilers: reconcilers(model) }];
        },
        { dataDir: temp.path, keepData: true },
      );
      close = async () => api[Symbol.asyncDispose]();
      return createRegistryStorage(createRegistryModel(deps!), async (name) => {
        const [project, id, ...image] = name.split("/");
        return { repository: `projects/${project}/locations/us-central1/repositories/${id}`, image: image.join("/") };
      });
    },
    async [Symbol.asyncDispose]() {
      await close();
      temp.remove();
    },
  };
});
