import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { ProjectSettings_RedirectionState } from "../../../gen/google/devtools/artifactregistry/v1/settings_pb.js";
import { rpc } from "../../../wire/rpc.ts";

/** Google: service.proto, GetProjectSettings; there is no gcr.io to redirect from. */
export const getProjectSettings = () =>
  rpc(
    ArtifactRegistry.method.getProjectSettings,
    { permission: "artifactregistry.projectsettings.get", audit: "ADMIN_READ" },
    async ({ name }) => ({
      name,
      legacyRedirectionState: ProjectSettings_RedirectionState.REDIRECTION_FROM_GCR_IO_DISABLED,
    }),
  );
