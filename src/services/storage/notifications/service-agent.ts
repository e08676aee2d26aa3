/** Cloud Storage's own identity in a project given as "projects/NUMBER", which publishes notifications. */
// Google: cloud.google.com/storage/docs/projects#service-agents
export function serviceAgentOf(project: string): string {
  return `service-${project.replace("projects/", "")}@gs-project-accounts.iam.gserviceaccount.com`;
}
