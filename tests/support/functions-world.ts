import { clone, create, type DescService, type MessageInitShape } from "@bufbuild/protobuf";
import { Eventarc } from "../../src/gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { type Trigger, TransportSchema, TriggerSchema } from "../../src/gen/google/cloud/eventarc/v1/trigger_pb.js";
import { Condition_State as ConditionState } from "../../src/gen/google/cloud/run/v2/condition_pb.js";
import { type Service, Services, ServiceSchema } from "../../src/gen/google/cloud/run/v2/service_pb.js";
import { ArtifactRegistry } from "../../src/gen/google/devtools/artifactregistry/v1/service_pb.js";
import {
  type Build,
  Build_Status as BuildStatus,
  BuildSchema,
  CloudBuild,
} from "../../src/gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { Operations, OperationSchema } from "../../src/gen/google/longrunning/operations_pb.js";
import { Publisher } from "../../src/gen/google/pubsub/v1/pubsub_pb.js";
import { Storage } from "../../src/gen/google/storage/v2/storage_pb.js";
import { type ApiError, alreadyExists, notFound } from "../../src/wire/errors.ts";
import type { Clients } from "../../src/wire/in-process/client.ts";
import type { Process } from "../recovery/mortal-process.ts";

const PARENT = "projects/demo/locations/us-central1";

/** What the other services keep. */
export interface World {
  readonly builds: Build[];
  readonly services: Map<string, Service>;
  readonly repositories: Set<string>;
  readonly topics: Set<string>;
  readonly triggers: Map<string, Trigger>;
  sources: number;
  failingBuilds: boolean;
  /** What Eventarc says to triggers that are to be made once their deployment is under way. */
  refusal: ApiError | undefined;
}

/** A world in which nothing is there yet. */
export const makeWorld = (): World => ({
  builds: [],
  services: new Map(),
  repositories: new Set(),
  topics: new Set(),
  triggers: new Map(),
  sources: 0,
  failingBuilds: false,
  refusal: undefined,
});

/** The other services as the reconciler sees them; each call is a place to die at. */
export function clientsOf({ world, edges }: Process<World>): Clients {
  const done = async (name = "operation") => create(OperationSchema, { name, done: true });
  const doubles = new Map<DescService, object>([
    [
      Storage,
      edges("storage", {
        getBucket: async () => ({}),
        rewriteObject: async () => ({ resource: { generation: BigInt(++world.sources) } }),
        listObjects: async () => ({ objects: [] }),
      }),
    ],
    [
      ArtifactRegistry,
      edges("artifactRegistry", {
        getRepository: async ({ name }: { name: string }) => required(world.repositories.has(name), name),
        createRepository: async ({ parent, repositoryId }: { parent: string; repositoryId: string }) => {
          const name = `${parent}/repositories/${repositoryId}`;
          if (world.repositories.has(name)) throw alreadyExists(name);
          world.repositories.add(name);
          return done();
        },
        deletePackage: async () => done(),
      }),
    ],
    [
      CloudBuild,
      edges("cloudBuild", {
        listBuilds: async ({ filter }: { filter: string }) => ({
          builds: world.builds.filter(({ tags }) => filter === `tags="${tags[0]}"`),
        }),
        createBuild: async ({ build }: { build: Build }) => {
          const id = `build-${world.builds.length + 1}`;
          world.builds.push(Object.assign(create(BuildSchema, resultOf(world)), { id, tags: build.tags }));
          return done(`${PARENT}/operations/${id}`);
        },
        getBuild: async ({ id }: { id: string }) => world.builds.find((build) => build.id === id),
      }),
    ],
    [
      Services,
      edges("services", {
        getService: async ({ name }: { name: string }) => required(world.services.get(name), name),
        createService: async ({ service, validateOnly }: ServiceRequest) => {
          if (!validateOnly) deploy(world, service);
          return done();
        },
        updateService: async ({ service, validateOnly }: ServiceRequest) => {
          if (!validateOnly) deploy(world, service);
          return done();
        },
        deleteService: async ({ name }: { name: string }) => {
          required(world.services.delete(name), name);
          return done();
        },
      }),
    ],
    [
      Publisher,
      edges("publisher", {
        getTopic: async ({ topic }: { topic: string }) => required(world.topics.has(topic), topic),
        createTopic: async ({ name }: { name: string }) => {
          if (world.topics.has(name)) throw alreadyExists(name);
          world.topics.add(name);
          return {};
        },
      }),
    ],
    [
      Eventarc,
      edges("eventarc", {
        getTrigger: async ({ name }: { name: string }) => required(world.triggers.get(name), name),
        createTrigger: async ({ trigger, validateOnly }: TriggerRequest) => {
          if (validateOnly) return done();
          if (world.refusal) throw world.refusal;
          if (world.triggers.has(trigger.name)) throw alreadyExists(trigger.name);
          keep(world, trigger);
          return done();
        },
        updateTrigger: async ({ trigger, validateOnly }: TriggerRequest) => {
          if (!validateOnly) keep(world, trigger);
          return done();
        },
        deleteTrigger: async ({ name }: { name: string }) => {
          required(world.triggers.delete(name), name);
          return done();
        },
      }),
    ],
    [Operations, { waitOperation: async () => done() }],
  ]);
  return { of: (service) => doubles.get(service) as never };
}

interface ServiceRequest {
  readonly service: Service;
  readonly validateOnly?: boolean;
}

interface TriggerRequest {
  readonly trigger: Trigger;
  readonly validateOnly?: boolean;
}

/** Eventarc makes a topic where the trigger names none. */
function keep({ triggers }: World, trigger: Trigger): void {
  const id = trigger.name.slice(trigger.name.lastIndexOf("/") + 1);
  const topic = trigger.transport?.intermediary.value?.topic ?? `projects/demo/topics/eventarc-us-central1-${id}-001`;
  const value = { topic, subscription: `projects/demo/subscriptions/eventarc-us-central1-${id}-sub-001` };
  const transport = create(TransportSchema, { intermediary: { case: "pubsub", value } });
  triggers.set(trigger.name, Object.assign(clone(TriggerSchema, trigger), { transport }));
}

function resultOf({ failingBuilds }: World): MessageInitShape<typeof BuildSchema> {
  if (failingBuilds) return { status: BuildStatus.FAILURE, failureInfo: { detail: "no" } };
  return { status: BuildStatus.SUCCESS, results: { images: [{ digest: "sha256:1" }] } };
}

function deploy({ services }: World, service: Service): void {
  const state = ConditionState.CONDITION_SUCCEEDED;
  const ready = { terminalCondition: { state }, latestReadyRevision: "revisions/hello-1", uri: "https://hello" };
  services.set(service.name, create(ServiceSchema, { ...service, ...ready } as MessageInitShape<typeof ServiceSchema>));
}

function required<Value>(value: Value, name: string): NonNullable<Value> {
  if (!value) throw notFound(name);
  return value;
}
