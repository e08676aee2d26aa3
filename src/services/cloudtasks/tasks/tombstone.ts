/** What stands for the name of a task that is gone. */
export function tombstoneOf(queueUid: string, id: string): string {
  return `${queueUid}/tasks/${id}`;
}
