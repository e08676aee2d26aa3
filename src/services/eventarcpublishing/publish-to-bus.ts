import type { Enrollment } from "../../gen/google/cloud/eventarc/v1/enrollment_pb.js";
import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { Pipeline } from "../../gen/google/cloud/eventarc/v1/pipeline_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../wire/errors.ts";
import { compileCelMatch } from "../../wire/filter/cel-match.ts";
import { agentOf } from "./channel-triggers.ts";
import type { PublishingDeps } from "./deps.ts";
import { invalidRequest } from "./errors.ts";
import type { PublishedEvent } from "./event.ts";
import { messageOf } from "./message.ts";
import { publishAll } from "./publish-all.ts";

const BUS = /^projects\/([^/]+)\/locations\/([^/]+)\/messageBuses\/([^/]+)$/;
const PAGE_SIZE = 1000;

/** Brings an event to the destination of every enrollment of the bus that it matches; resolves when it is on disk. */
export async function publishToBus(deps: PublishingDeps, bus: string, event: PublishedEvent): Promise<void> {
  const [, givenProject, location, id] = BUS.exec(bus) ?? [];
  if (givenProject === undefined) throw invalidRequest("message_bus", `invalid resource name "${bus}"`);
  const project = deps.projects.idOf(givenProject);
  const name = `projects/${project}/locations/${location}/messageBuses/${id}`;
  await deps.clients.of(Eventarc, agentOf(project)).getMessageBus({ name });
  const topics = new Map<string, PublishedEvent>();
  await collectTopics(deps, { project, name, event, topics, passed: new Set() });
  await publishAll(
    deps,
    project,
    [...topics].map(([topic, asTaken]) => [topic, [messageOf(asTaken)]] as const),
  );
}

interface Journey {
  readonly project: string;
  /** The bus that the event is at. */
  readonly name: string;
  readonly event: PublishedEvent;
  /** Where it goes in the end, and as what. */
  readonly topics: Map<string, PublishedEvent>;
  /** The buses that it has been at: none goes round. */
  readonly passed: Set<string>;
}

async function collectTopics(deps: PublishingDeps, journey: Journey): Promise<void> {
  const { project, name, event, topics, passed } = journey;
  if (passed.has(name)) return;
  passed.add(name);
  const eventarc = deps.clients.of(Eventarc, agentOf(project));
  const pipelines = await enrolledPipelines(deps, project, name, event);
  for (const pipelineName of pipelines) {
    const pipeline = await pipelineOf(eventarc.getPipeline({ name: pipelineName }));
    const descriptor = pipeline?.destinations[0]?.destinationDescriptor;
    const asTaken = pipeline && inFormatOf(pipeline, event);
    if (!asTaken) {
      deps.log.warning("an event is not in the format that its pipeline takes, or the pipeline is gone", {
        pipeline: pipelineName,
        id: event.id,
      });
    } else if (descriptor?.case === "topic") topics.set(descriptor.value, asTaken);
    else if (descriptor?.case === "httpEndpoint") topics.set(transportTopicOf(pipelineName), asTaken);
    else if (descriptor?.case === "messageBus") await collectTopics(deps, { ...journey, name: descriptor.value });
  }
}

async function pipelineOf(found: Promise<Pipeline>): Promise<Pipeline | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ApiError && error.code === Code.NOT_FOUND) return undefined;
    throw error;
  }
}

/** Names of the pipelines of a bus's enrollments that an event matches. */
async function enrolledPipelines({ clients }: PublishingDeps, project: string, bus: string, event: PublishedEvent) {
  const eventarc = clients.of(Eventarc, agentOf(project));
  const parent = `projects/${project}/locations/-`;
  const all: Enrollment[] = [];
  let pageToken = "";
  do {
    const page = await eventarc.listEnrollments({ parent, pageSize: PAGE_SIZE, pageToken });
    all.push(...page.enrollments.filter(({ messageBus }) => messageBus === bus));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  const attributes = attributesOf(event);
  const matching = all.filter(({ celMatch }) => compileCelMatch(celMatch)(attributes));
  return new Set(matching.map(({ destination }) => destination));
}

function attributesOf({ id, source, type, contentType, attributes }: PublishedEvent): Record<string, string> {
  const own = { id, source, type, specversion: "1.0", ...(contentType !== "" && { datacontenttype: contentType }) };
  return { ...attributes, ...own };
}

/**
 * The event as a pipeline takes it; undefined when it does not. Google: pipeline.proto, Pipeline.input_payload_format: what
 * does not match is a persistent error, and the format is what the request says of its content.
 */
function inFormatOf({ inputPayloadFormat }: Pipeline, event: PublishedEvent): PublishedEvent | undefined {
  if (inputPayloadFormat?.kind.case !== "json") return event;
  try {
    JSON.parse(Buffer.from(event.data).toString());
    return { ...event, contentType: event.contentType || "application/json" };
  } catch {
    return undefined;
  }
}

/** The topic that Eventarc makes for a pipeline with an HTTP endpoint. */
function transportTopicOf(pipeline: string): string {
  const [, project, , location, , id] = pipeline.split("/");
  return `projects/${project}/topics/eventarc-pipeline-${location}-${id}`;
}
