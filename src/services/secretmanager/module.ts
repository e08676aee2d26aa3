import { SecretManagerService } from "../../gen/google/cloud/secretmanager/v1/service_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { Deps, SecretManagerDeps } from "./deps.ts";
import { reconcilers } from "./reconcile.ts";
import { createOutbox } from "../../wire/outbox/outbox.ts";
import { createSecretEvents } from "./events/secret-events.ts";
import { createTables, migrations, OUTBOX_TABLE } from "./store.ts";
import { accessSecretVersion } from "./v1/accessSecretVersion.ts";
import { addSecretVersion } from "./v1/addSecretVersion.ts";
import { createSecret } from "./v1/createSecret.ts";
import { deleteSecret } from "./v1/deleteSecret.ts";
import { destroySecretVersion } from "./v1/destroySecretVersion.ts";
import { disableSecretVersion } from "./v1/disableSecretVersion.ts";
import { enableSecretVersion } from "./v1/enableSecretVersion.ts";
import { getSecret } from "./v1/getSecret.ts";
import { getSecretVersion } from "./v1/getSecretVersion.ts";
import { listSecrets } from "./v1/listSecrets.ts";
import { listSecretVersions } from "./v1/listSecretVersions.ts";
import { policyRpcs } from "./v1/policies.ts";
import { updateSecret } from "./v1/updateSecret.ts";

/** secretmanager.googleapis.com: secrets and their versions, sealed at rest. */
export function secretmanager(given: SecretManagerDeps): ServiceModule {
  const outbox = createOutbox(given, { table: OUTBOX_TABLE, kind: "secretmanager.event" });
  const events = createSecretEvents({ outbox, clock: given.clock });
  const deps: Deps = { ...given, ...createTables(given.store), events };
  return {
    name: "secretmanager",
    services: [SecretManagerService],
    rpcs: [
      createSecret(deps),
      getSecret(deps),
      listSecrets(deps),
      updateSecret(deps),
      deleteSecret(deps),
      addSecretVersion(deps),
      getSecretVersion(deps),
      listSecretVersions(deps),
      accessSecretVersion(deps),
      enableSecretVersion(deps),
      disableSecretVersion(deps),
      destroySecretVersion(deps),
      ...policyRpcs(deps),
    ],
    mixinVersions: ["v1"],
    migrations,
    reconcilers: { ...reconcilers(deps), ...outbox.reconcilers },
    stop: outbox.stop,
  };
}
