import { SecretSchema } from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { filteredPage } from "../../../wire/filter/filtered-page.ts";
import { PAGE_SIZES } from "../limits.ts";
import { checkParent } from "../names.ts";
import { expireTimeMs, secretOf } from "../secret.ts";

/** SecretManagerService.ListSecrets, in order of their names. */
export const listSecrets = ({ secrets, clock }: Deps) =>
  rpc(
    SecretManagerService.method.listSecrets,
    { permission: "secretmanager.secrets.list", audit: "ADMIN_READ" },
    async (request) => {
      checkParent(request.parent);
      const rows = await secrets.list({ parent: request.parent, limit: Number.MAX_SAFE_INTEGER });
      const nowMs = clock.nowMs();
      const living = rows.map(secretOf).filter((secret) => (expireTimeMs(secret) ?? Infinity) > nowMs);
      const { page, ...rest } = filteredPage(SecretSchema, living, request, PAGE_SIZES);
      return { secrets: page, ...rest };
    },
  );
