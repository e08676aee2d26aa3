import type { DescMethod, Message } from "@bufbuild/protobuf";
import { resourceNameOf } from "../../audit/rpc-subject.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The resource whose permission a request needs: the one that it names or makes, or else what it is in; undefined when it
 * names nothing that belongs to a project.
 */
export function accessedName(method: DescMethod, request: Message): string | undefined {
  const name = resourceNameOf(method, request, undefined) || otherName(request);
  return name === undefined ? undefined : withAccountProject(name);
}

/** Requests that were made before names were: "project_id", and lists of what logs are read or written. */
function otherName(request: Message): string | undefined {
  const { projectId, project, bucket, logName, resourceNames, entries, writeObjectSpec, firstMessage } =
    request as unknown as Fields;
  const id = [projectId, project].find((each) => typeof each === "string" && each !== "");
  if (id !== undefined) return `projects/${id as string}`;
  const spec = (writeObjectSpec ?? (firstMessage as Fields | undefined)?.["value"]) as Fields | undefined;
  const candidates = [
    bucket,
    logName,
    ...((resourceNames as readonly string[] | undefined) ?? []),
    ...((entries as readonly Fields[] | undefined) ?? []).map((entry) => entry["logName"]),
    (spec?.["resource"] as Fields | undefined)?.["bucket"],
  ];
  return candidates.find((name): name is string => typeof name === "string" && name.startsWith("projects/"));
}

/** "projects/-/serviceAccounts/NAME@P.iam...": the account's own project. */
function withAccountProject(name: string): string {
  const project = /^projects\/-\/serviceAccounts\/[^@]+@([^./]+)\.iam\.gserviceaccount\.com/.exec(name)?.[1];
  return project === undefined ? name : name.replace("projects/-/", `projects/${project}/`);
}
