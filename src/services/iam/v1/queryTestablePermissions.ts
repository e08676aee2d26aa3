import {
  IAM,
  Permission_CustomRolesSupportLevel as Support,
  Permission_PermissionLaunchStage as Stage,
} from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { knownPermissions } from "../../../wire/iam/roles/predefined-roles.ts";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import { parseFullName } from "../roles/full-name.ts";

const [DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE] = [100, 1000];

/** IAM.QueryTestablePermissions: on a project every permission that is known, elsewhere those of the resource's service. */
export const queryTestablePermissions = () =>
  rpc(
    IAM.method.queryTestablePermissions,
    { permission: "none", audit: "none" },
    async ({ fullResourceName, pageSize, pageToken }) => {
      const { service, isProject } = parseFullName(fullResourceName);
      const scope = `testable/${fullResourceName}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const names = [...knownPermissions()].filter(
        (name) => name > after && (isProject || name.startsWith(`${service}.`)),
      );
      const { page, nextPageToken } = pageOf(names, size, (name) => name, scope);
      const permissions = page.map((name) => ({
        name,
        stage: Stage.GA,
        customRolesSupportLevel: Support.SUPPORTED,
      }));
      return { permissions, nextPageToken };
    },
  );
