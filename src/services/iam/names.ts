import { malformedName } from "./errors.ts";

/** The project id of "projects/P". */
export function parseProject(name: string): string {
  const projectId = /^projects\/([^/]+)$/.exec(name)?.[1];
  if (projectId === undefined || projectId === "-") throw malformedName(name, "projects/PROJECT_ID");
  return projectId;
}

/** Project id ("-" for any), e-mail address or unique id, and key id of the name of a service account or of its key. */
export interface AccountName {
  readonly projectId: string;
  readonly account: string;
  readonly keyId: string | undefined;
}

export function parseAccountName(name: string): AccountName {
  const [, projectId, account, keyId] =
    /^projects\/([^/]+)\/serviceAccounts\/([^/]+)(?:\/keys\/([^/]+))?$/.exec(name) ?? [];
  if (projectId === undefined || account === undefined)
    throw malformedName(name, "projects/PROJECT_ID/serviceAccounts/ACCOUNT");
  return { projectId, account, keyId };
}

/** The e-mail address of a new account; the project id of "example.com:project" is turned around for it. */
export function emailOf(accountId: string, projectId: string): string {
  const [first = "", second] = projectId.split(":");
  const domain = second === undefined ? first : `${second}.${first}`;
  return `${accountId}@${domain}.iam.gserviceaccount.com`;
}
