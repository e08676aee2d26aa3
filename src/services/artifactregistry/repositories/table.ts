/** The resource table of repositories. */
export const REPOSITORIES_TABLE = "artifactregistry_repositories";
