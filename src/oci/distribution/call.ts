import type { Ids } from "../../platform/ids.ts";
import type { RegistryStorage } from "./storage.ts";

/** What a request does to a repository. */
export type RegistryAction = "pull" | "push" | "delete";

/** Resolves when the caller may do it; throws a RegistryError (unauthorized(), denied(), nameUnknown()) otherwise. */
export type AuthorizeRegistry = (action: RegistryAction, repository: string) => Promise<void>;

export interface RegistryHandlerDeps {
  readonly storage: RegistryStorage;
  readonly ids: Ids;
}

/** One request on its way through the handler. */
export interface RegistryCall extends RegistryHandlerDeps {
  readonly request: Request;
  readonly url: URL;
  readonly authorize: AuthorizeRegistry;
}
