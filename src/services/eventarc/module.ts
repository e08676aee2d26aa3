import { Eventarc } from "../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { EventarcDeps } from "./deps.ts";

/** eventarc.googleapis.com: triggers and what they carry events from and to. */
export function eventarc(_deps: EventarcDeps): ServiceModule {
  return { name: "eventarc", services: [Eventarc], rpcs: [], mixinVersions: ["v1"] };
}
