import { create, toJsonString } from "@bufbuild/protobuf";
import type { Build, BuiltImage } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import { EnvelopeSchema } from "../../../gen/grafeas/v1/common_pb.js";
import { BuildNoteSchema } from "../../../gen/grafeas/v1/build_pb.js";
import { Grafeas, type Occurrence } from "../../../gen/grafeas/v1/grafeas_pb.js";
import { InTotoSlsaProvenanceV1Schema } from "../../../gen/grafeas/v1/intoto_statement_pb.js";
import { type Envelope, IN_TOTO, signEnvelope } from "../../../oci/attestations/dsse.ts";
import type { Reconcile } from "../../../platform/wakeups/wakeups.ts";
import { type BuildName, parseBuildName } from "../build-name.ts";
import { buildOf } from "../build.ts";
import type { Deps } from "../deps.ts";
import { agentOf } from "../service-agent.ts";
import { imagesToVouchFor, projectOf, referenceOf } from "./built-images.ts";
import { provenanceOf, SLSA_PROVENANCE_V1 } from "./statement.ts";
import { attachEnvelope, ensureOccurrenceOf } from "./vouch.ts";

/**
 * Vouches for how the images of a build that succeeded were made: an occurrence of kind BUILD in Container Analysis, and
 * the same signed statement as a referrer of the image. What was signed first is what stays, however often this runs.
 */
export function reconcileProvenance(deps: Deps): Reconcile {
  return async (key, signal) => {
    const row = await deps.builds.get(key);
    const build = row && buildOf(row);
    for (const [index, image] of imagesToVouchFor(build).entries()) {
      const occurrence = await ensureOccurrence(deps, build!, parseBuildName(key), image, index);
      const statement = { envelope: envelopeOf(occurrence), predicateType: SLSA_PROVENANCE_V1 };
      await attachEnvelope(deps, image, statement, signal);
    }
    return { settled: true };
  };
}

function ensureOccurrence(
  deps: Deps,
  build: Build,
  name: BuildName,
  image: BuiltImage,
  index: number,
): Promise<Occurrence> {
  const grafeas = deps.clients.of(Grafeas, agentOf(name.project));
  const noteType = { case: "build", value: create(BuildNoteSchema) } as const;
  return ensureOccurrenceOf(grafeas, `intoto_slsa_v1_${name.id}_${index}`, noteType, (noteName) => {
    const inTotoSlsaProvenanceV1 = provenanceOf(build, name, image);
    const payload = Buffer.from(toJsonString(InTotoSlsaProvenanceV1Schema, inTotoSlsaProvenanceV1));
    const envelope = signEnvelope(deps.attestationKey, IN_TOTO, payload);
    return grafeas.createOccurrence({
      parent: `projects/${projectOf(image)}`,
      occurrence: {
        resourceUri: `https://${referenceOf(image)}`,
        noteName,
        details: { case: "build", value: { inTotoSlsaProvenanceV1 } },
        envelope: { ...envelope, signatures: [...envelope.signatures] },
      },
    });
  });
}

function envelopeOf({ envelope }: Occurrence): Envelope {
  const { payload, payloadType, signatures } = envelope ?? create(EnvelopeSchema);
  return { payload, payloadType, signatures };
}
