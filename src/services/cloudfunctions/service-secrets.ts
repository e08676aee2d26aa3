import type { MessageInitShape } from "@bufbuild/protobuf";
import type { SecretEnvVar, SecretVolume, ServiceConfig } from "../../gen/google/cloud/functions/v2/functions_pb.js";
import type { EnvVarSchema, VolumeMountSchema, VolumeSchema } from "../../gen/google/cloud/run/v2/k8s.min_pb.js";

/** Variables of a function whose values are secrets, as Cloud Run has them. */
export function secretVariables({
  secretEnvironmentVariables,
}: ServiceConfig): MessageInitShape<typeof EnvVarSchema>[] {
  return secretEnvironmentVariables.map((variable) => ({
    name: variable.key,
    values: {
      case: "valueSource",
      value: { secretKeyRef: { secret: secretName(variable), version: variable.version || "latest" } },
    },
  }));
}

/** Volumes of a function that hold secrets, and where its container has them. */
export function secretVolumes({ secretVolumes: volumes }: ServiceConfig): {
  readonly volumes: MessageInitShape<typeof VolumeSchema>[];
  readonly volumeMounts: MessageInitShape<typeof VolumeMountSchema>[];
} {
  const names = volumes.map((_, index) => `secret-${index + 1}`);
  return {
    volumes: volumes.map((volume, index) => ({
      name: names[index]!,
      volumeType: { case: "secret", value: { secret: secretName(volume), items: itemsOf(volume) } },
    })),
    volumeMounts: volumes.map(({ mountPath }, index) => ({ name: names[index]!, mountPath })),
  };
}

/** Google: functions.proto, SecretVolume.versions: without any, the latest one is a file named as the secret. */
function itemsOf({ versions }: SecretVolume) {
  // A path may begin with a slash there, and is below the mount path all the same.
  return versions.map(({ path, version }) => ({ path: path.replace(/^\/+/, ""), version: version || "latest" }));
}

function secretName({ projectId, secret }: SecretEnvVar | SecretVolume): string {
  return projectId === "" ? secret : `projects/${projectId}/secrets/${secret}`;
}
