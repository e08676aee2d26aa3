import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CryptoKeyVersion_CryptoKeyVersionState as State } from "../../../gen/google/cloud/kms/v1/resources_pb.js";
import { KeyManagementService } from "../../../gen/google/cloud/kms/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, VERSION_KIND } from "../deps.ts";
import { wrongState } from "../errors.ts";
import { findKey, findVersion } from "../find.ts";
import { keyNameOf } from "../names.ts";
import { saveVersion } from "../version.ts";

const DESTROYABLE: readonly State[] = [State.ENABLED, State.DISABLED];

/** KeyManagementService.DestroyCryptoKeyVersion: the material goes for good when the key's waiting time is over. */
export const destroyCryptoKeyVersion = (deps: Deps) =>
  rpc(
    KeyManagementService.method.destroyCryptoKeyVersion,
    { permission: "cloudkms.cryptoKeyVersions.destroy", audit: "ADMIN_WRITE" },
    ({ name }) =>
      deps.store.transact(async (transaction) => {
        const { row, message } = await findVersion(deps, name, transaction);
        if (!DESTROYABLE.includes(message.state)) throw wrongState(message, DESTROYABLE);
        const { message: key } = await findKey(deps, keyNameOf(name), transaction);
        const dueMs = deps.clock.nowMs() + durationMs(key.destroyScheduledDuration!);
        await deps.wakeups.wake(transaction, VERSION_KIND, name, dueMs);
        const scheduled = { state: State.DESTROY_SCHEDULED, destroyTime: timestampFromMs(dueMs) };
        return saveVersion(deps, transaction, row, { ...message, ...scheduled });
      }),
  );
