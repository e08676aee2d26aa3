import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import type { PublicKeysOf } from "../../wire/credentials/signed-urls/verify-signed-url.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import { rpcSubject } from "./audit.ts";
import { storageMigrations } from "./migrations.ts";
import { CONTENT_WAKEUP, createStorageModel, type ModelDeps } from "./model.ts";
import { reconcileUpload } from "./reconcile.ts";
import { storageSurface } from "./surface.ts";
import { UPLOAD_WAKEUP } from "./uploads/uploads.ts";
import { storageRpcs } from "./v2/rpcs.ts";

export interface StorageDeps extends ModelDeps, Pick<ServiceDeps, "realClock"> {
  /** Public keys whose signatures on V4 signed URLs are taken, by the service account's e-mail address. */
  readonly publicKeysOf: PublicKeysOf;
}

/** Cloud Storage: google.storage.v2 over gRPC and in process, the JSON API v1 and the XML API with V4 signed URLs. */
export function storage(deps: StorageDeps): ServiceModule {
  const model = createStorageModel(deps);
  return {
    name: "storage",
    pathsBeginWithName: true,
    services: [Storage],
    rpcs: storageRpcs(model),
    surfaces: [storageSurface({ model, clock: deps.realClock, publicKeysOf: deps.publicKeysOf })],
    auditSubject: rpcSubject(model),
    migrations: storageMigrations,
    reconcilers: {
      [CONTENT_WAKEUP]: model.contentStore.reconcile,
      [UPLOAD_WAKEUP]: reconcileUpload(model),
      ...model.outbox.reconcilers,
    },
    stop: model.outbox.stop,
  };
}
