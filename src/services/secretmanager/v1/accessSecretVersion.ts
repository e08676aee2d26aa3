import { SecretVersion_State as State } from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { crc32c } from "../../../platform/crc32c.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { versionInState } from "../errors.ts";
import { findVersion } from "../find.ts";

/** SecretManagerService.AccessSecretVersion: what an enabled version holds, with its checksum. */
export const accessSecretVersion = (deps: Deps) =>
  rpc(
    SecretManagerService.method.accessSecretVersion,
    { permission: "secretmanager.versions.access", audit: "DATA_READ" },
    async ({ name }) => {
      const { row, message } = await findVersion(deps, name);
      const sealed = message.state === State.ENABLED ? await deps.payloads.get(row.name) : undefined;
      if (!sealed) throw versionInState(message.name, State[message.state] ?? "");
      const data = deps.seal.open(sealed, row.uid);
      return { name: message.name, payload: { data, dataCrc32c: BigInt(crc32c(data)) } };
    },
  );
