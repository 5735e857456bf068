import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';

/** A user's workflow: it uses Temporal, but nothing of Sluice. */
export async function greet({ name }: { name: string }): Promise<string> {
  if (name === '') throw ApplicationFailure.nonRetryable('name is empty');
  return `Hello, ${name}, from ${workflowInfo().workflowId}`;
}
