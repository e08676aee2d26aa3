import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { decodePageToken, pageOf, pageSizeOf } from "../../../wire/paging.ts";
import { unsupportedField } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { LIMITS } from "../limits.ts";
import type { RegistryModel } from "../model.ts";
import { toRepository } from "../repositories/repository.ts";

/** Google: service.proto, ListRepositories, in order of their names. */
export const listRepositories = ({ repositories, blobStore }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.listRepositories,
    { permission: "artifactregistry.repositories.list", audit: "ADMIN_READ" },
    async (request) => {
      const { parent } = request;
      if (request.filter) throw unsupportedField("filter");
      if (request.orderBy && !/^name( asc)?$/i.test(request.orderBy)) throw unsupportedField("order_by");
      const scope = JSON.stringify(["listRepositories", parent]);
      const pageSize = pageSizeOf(request.pageSize, LIMITS.defaultPage, LIMITS.page);
      const cursor = decodePageToken(request.pageToken, scope);
      const after = cursor && { name: cursor.after };
      const rows = await repositories.list({ parent, limit: pageSize + 1, ...(after && { after }) });
      const { page, nextPageToken } = pageOf(rows, pageSize, ({ name }) => name, scope);
      const shown = page.map(async (row) => toRepository(row, await blobStore.sizeOf(row.name)));
      return { repositories: await Promise.all(shown), nextPageToken };
    },
  );
