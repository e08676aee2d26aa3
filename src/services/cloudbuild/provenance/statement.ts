import { create, type JsonObject, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import {
  type Build,
  BuildStepSchema,
  type BuiltImage,
  SourceSchema,
} from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import {
  type InTotoSlsaProvenanceV1,
  type InTotoSlsaProvenanceV1_ResourceDescriptorSchema as ResourceDescriptorSchema,
  InTotoSlsaProvenanceV1Schema,
} from "../../../gen/grafeas/v1/intoto_statement_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import type { BuildName } from "../build-name.ts";

/** The predicate type of SLSA provenance (slsa.dev/spec/v1.0/provenance). */
export const SLSA_PROVENANCE_V1 = "https://slsa.dev/provenance/v1";
/** Google's description of what the parameters of such builds mean. */
const BUILD_TYPE = "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1";
/** Not Google's hosted worker, whatever it does alike. */
const BUILDER_ID = "urn:homerun:cloudbuild:worker";

type Descriptor = MessageInitShape<typeof ResourceDescriptorSchema>;

/** How an image was built: an in-toto statement with SLSA v1 provenance, in the form that Cloud Build gives it. */
export function provenanceOf(build: Build, name: BuildName, image: BuiltImage): InTotoSlsaProvenanceV1 {
  const { startTime, finishTime } = build;
  return create(InTotoSlsaProvenanceV1Schema, {
    type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `https://${image.name}`, digest: digestMap(image.digest) }],
    predicateType: SLSA_PROVENANCE_V1,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: externalParameters(build),
        internalParameters: internalParameters(build, name),
        resolvedDependencies: [...sourcesOf(build), ...imagesOf(build)],
      },
      runDetails: {
        builder: { id: BUILDER_ID },
        metadata: {
          invocationId: `https://cloudbuild.googleapis.com/v1/${build.name}`,
          ...(startTime && { startedOn: startTime }),
          ...(finishTime && { finishedOn: finishTime }),
        },
      },
    },
  });
}

/** What the build's author chose: everything that decides the result besides the source's content. */
function externalParameters(build: Build): JsonObject {
  const steps = build.steps.map(({ name, entrypoint, args, env, dir, script }) =>
    toJson(BuildStepSchema, create(BuildStepSchema, { name, entrypoint, args, env, dir, script })),
  );
  return {
    steps,
    ...(build.source && { source: toJson(SourceSchema, build.source) }),
    ...(Object.keys(build.substitutions).length > 0 && { substitutions: { ...build.substitutions } }),
  };
}

function internalParameters(build: Build, { project, location, id }: BuildName): JsonObject {
  const systemSubstitutions = { BUILD_ID: id, LOCATION: location, PROJECT_NUMBER: projectNumberOf(project) };
  const trigger = build.buildTriggerId;
  const triggerUri = `projects/${projectNumberOf(project)}/locations/${location}/triggers/${trigger}`;
  return { systemSubstitutions, ...(trigger !== "" && { triggerUri }) };
}

function sourcesOf({ sourceProvenance }: Build): Descriptor[] {
  const storage = sourceProvenance?.resolvedStorageSource;
  const git = sourceProvenance?.resolvedGitSource;
  return [
    ...(storage ? [{ uri: `gs://${storage.bucket}/${storage.object}#${storage.generation}` }] : []),
    ...(git ? [{ uri: `git+${git.url}`, digest: { gitCommit: git.revision } }] : []),
  ];
}

/** The images that the steps ran in. */
function imagesOf({ steps, results }: Build): Descriptor[] {
  const digests = results?.buildStepImages ?? [];
  return steps.flatMap(({ name }, index) => {
    const digest = digests[index] ?? "";
    return digest === "" ? [] : [{ uri: `${name}@${digest}`, digest: digestMap(digest) }];
  });
}

function digestMap(digest: string): Record<string, string> {
  const [algorithm = "", hex = ""] = digest.split(":");
  return { [algorithm]: hex };
}
