import {
  type BuildTrigger,
  BuildTrigger_EventType as EventType,
  BuildTrigger_IncludeBuildLogs as IncludeBuildLogs,
  GitFileSource_RepoType as RepoType,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { unsupportedField } from "../../../wire/errors.ts";
import { MAX_TAGS } from "../limits.ts";
import { invalidSubstitutionKey } from "../errors.ts";
import { parseGitUrl } from "../source/git/git-url.ts";
import { checkSubstitutions } from "../substitutions/check.ts";
import { validateBuild } from "../validate.ts";
import { invalidTrigger } from "./errors.ts";
import { parseFilter } from "./filter/parse-filter.ts";

const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,62}[a-zA-Z0-9])?$/;
const SERVICE_ACCOUNT = /^projects\/[^/]+\/serviceAccounts\/[^/]+$/;
const SECRET_VERSION = /^projects\/[^/]+\/(?:locations\/[^/]+\/)?secrets\/[^/]+\/versions\/[^/]+$/;
const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;

/** Rejects with INVALID_ARGUMENT what Cloud Build refuses in a trigger, and by name what homerun does not support. */
export function validateTrigger(trigger: BuildTrigger): void {
  refuseUnsupported(trigger);
  const { name, description, tags, serviceAccount, substitutions, filter } = trigger;
  if (name !== "" && !NAME.test(name))
    throw invalidTrigger("name", `name "${name}" must be 1-64 characters, only alphanumeric characters and dashes`);
  if (description.length > 1000) throw invalidTrigger("description", "the description is too long");
  if (tags.length > MAX_TAGS) throw invalidTrigger("tags", `a trigger has at most ${MAX_TAGS} tags`);
  if (serviceAccount !== "" && !SERVICE_ACCOUNT.test(serviceAccount))
    throw invalidTrigger("service_account", `invalid service account "${serviceAccount}"`);
  const builtIn = Object.keys(substitutions).find((key) => !key.startsWith("_"));
  if (builtIn !== undefined) throw invalidSubstitutionKey(builtIn);
  checkSubstitutions(substitutions);
  parseFilter(filter);
  checkEvent(trigger);
  checkSource(trigger);
  checkTemplate(trigger);
}

/** The kind of event that starts builds of a trigger. */
export function eventTypeOf({ webhookConfig, pubsubConfig }: BuildTrigger): EventType {
  if (webhookConfig) return EventType.WEBHOOK;
  return pubsubConfig ? EventType.PUBSUB : EventType.MANUAL;
}

function refuseUnsupported(trigger: BuildTrigger): void {
  if (trigger.triggerTemplate) throw unsupportedField("trigger.trigger_template");
  if (trigger.github) throw unsupportedField("trigger.github");
  if (trigger.repositoryEventConfig) throw unsupportedField("trigger.repository_event_config");
  if (trigger.includeBuildLogs === IncludeBuildLogs.WITH_STATUS) throw unsupportedField("trigger.include_build_logs");
}

function checkEvent(trigger: BuildTrigger): void {
  const { webhookConfig, pubsubConfig, eventType } = trigger;
  if (webhookConfig && pubsubConfig)
    throw invalidTrigger("webhook_config", "a trigger has at most one of webhook_config and pubsub_config");
  if (webhookConfig && !SECRET_VERSION.test(webhookConfig.authMethod.value ?? ""))
    throw invalidTrigger("webhook_config.secret", "secret must be of the form projects/*/secrets/*/versions/*");
  if (pubsubConfig && !TOPIC.test(pubsubConfig.topic))
    throw invalidTrigger("pubsub_config.topic", "topic must be of the form projects/*/topics/*");
  if (eventType !== EventType.EVENT_TYPE_UNSPECIFIED && eventType !== eventTypeOf(trigger))
    throw invalidTrigger("event_type", `event_type ${EventType[eventType]} does not fit the configuration`);
}

function checkSource({ sourceToBuild: source }: BuildTrigger): void {
  if (!source) return;
  checkRepository("source_to_build", source);
  if (!source.ref.startsWith("refs/")) throw invalidTrigger("source_to_build.ref", 'ref must start with "refs/"');
}

interface Repository {
  readonly uri: string;
  readonly repoType: RepoType;
  readonly source: { readonly case: string | undefined };
  readonly enterpriseConfig: { readonly case: string | undefined };
}

function checkRepository(field: string, { uri, repoType, source, enterpriseConfig }: Repository): void {
  if (source.case) throw unsupportedField(`trigger.${field}.repository`);
  if (enterpriseConfig.case) throw unsupportedField(`trigger.${field}.github_enterprise_config`);
  if (repoType === RepoType.CLOUD_SOURCE_REPOSITORIES)
    throw unsupportedField(`trigger.${field}.repo_type CLOUD_SOURCE_REPOSITORIES`);
  parseGitUrl(uri, `trigger.${field}.uri`);
}

function checkTemplate({ buildTemplate: template, sourceToBuild }: BuildTrigger): void {
  if (template.case === undefined) throw invalidTrigger("build_template", "one of the build templates must be given");
  if (template.case === "build") return validateBuild(template.value);
  if (template.case !== "gitFileSource") {
    if (template.case === "filename" && template.value === "") throw invalidTrigger("filename", "filename is empty");
    if (!sourceToBuild) throw invalidTrigger("source_to_build", `${template.case} needs source_to_build`);
    return;
  }
  const { path, uri } = template.value;
  if (path === "") throw invalidTrigger("git_file_source.path", "path must be given");
  if (uri === "" && !sourceToBuild) throw invalidTrigger("git_file_source.uri", "uri must be given");
  if (uri !== "") checkRepository("git_file_source", template.value);
}
