import { IAM } from "../../../gen/google/iam/admin/v1/iam_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { IamServiceDeps } from "../deps.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../limits.ts";
import { parseProject } from "../names.ts";
import { accountMessage } from "../service-account.ts";

/** google.iam.admin.v1.IAM.ListServiceAccounts, by e-mail address. */
export const listServiceAccounts = ({ serviceAccounts }: IamServiceDeps) =>
  rpc(
    IAM.method.listServiceAccounts,
    { permission: "iam.serviceAccounts.list", audit: "ADMIN_READ" },
    async ({ name, pageSize, pageToken }) => {
      const projectId = parseProject(name);
      const scope = `ListServiceAccounts ${projectId}`;
      const after = decodePageToken(pageToken, scope)?.after ?? "";
      const accounts = (await serviceAccounts.list(projectId)).filter(({ email }) => email > after);
      const size = pageSizeOf(pageSize, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
      const { page, nextPageToken } = pageOf(accounts, size, ({ email }) => email, scope);
      return { accounts: page.map(accountMessage), nextPageToken };
    },
  );
