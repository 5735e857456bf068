import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';

/** Somebody else's workflow: it knows Temporal, and nothing of Sluice. */
export async function greet({ name }: { name: string }): Promise<string> {
  if (name === '') throw ApplicationFailure.nonRetryable('nobody to greet');
  return `Hello, ${name}, from ${workflowInfo().workflowId}`;
}
