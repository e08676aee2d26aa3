import { requestedEntityNotFound } from "../errors.ts";
import type { RegistryModel } from "../model.ts";
import { checkRepositoryName } from "./names.ts";

/** Rejects with NOT_FOUND unless there is such a repository. */
export async function assertRepository(
  { repositories }: Pick<RegistryModel, "repositories">,
  name: string,
): Promise<void> {
  checkRepositoryName(name, "parent");
  if (!(await repositories.get(name))) throw requestedEntityNotFound(name);
}
