import type { Enrollment } from "../../gen/google/cloud/eventarc/v1/enrollment_pb.js";
import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { Pipeline } from "../../gen/google/cloud/eventarc/v1/pipeline_pb.js";
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
  const topics = new Set<string>();
  await collectTopics(deps, { project, name, event, topics, passed: new Set() });
  await publishAll(
    deps,
    project,
    [...topics].map((topic) => [topic, [messageOf(event)]] as const),
  );
}

interface Journey {
  readonly project: string;
  /** The bus that the event is at. */
  readonly name: string;
  readonly event: PublishedEvent;
  /** Where it goes in the end. */
  readonly topics: Set<string>;
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
    const pipeline = await eventarc.getPipeline({ name: pipelineName });
    const descriptor = pipeline.destinations[0]?.destinationDescriptor;
    if (!takes(pipeline, event)) {
      deps.log.warning("an event is not in the format that its pipeline takes", {
        pipeline: pipelineName,
        id: event.id,
      });
    } else if (descriptor?.case === "topic") topics.add(descriptor.value);
    else if (descriptor?.case === "httpEndpoint") topics.add(transportTopicOf(pipelineName));
    else if (descriptor?.case === "messageBus") await collectTopics(deps, { ...journey, name: descriptor.value });
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

/** Google: pipeline.proto, Pipeline.input_payload_format: what does not match it is a persistent error. */
function takes({ inputPayloadFormat }: Pipeline, { data }: PublishedEvent): boolean {
  if (inputPayloadFormat?.kind.case !== "json") return true;
  try {
    JSON.parse(Buffer.from(data).toString());
    return true;
  } catch {
    return false;
  }
}

/** The topic that Eventarc makes for a pipeline with an HTTP endpoint. */
function transportTopicOf(pipeline: string): string {
  const [, project, , location, , id] = pipeline.split("/");
  return `projects/${project}/topics/eventarc-pipeline-${location}-${id}`;
}
