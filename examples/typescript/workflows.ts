import { condition } from '@temporalio/workflow';
import { onEvent } from 'sluice/workflow';

/** A route starts this workflow. Its argument is the route's `input`. */
export async function handleOrder({ order, total }: { order: number; total: number }): Promise<string> {
  return `order ${order}: total ${total}`;
}

/** A route signals this workflow for every change of an order. */
export async function trackOrder(_input: unknown): Promise<string[]> {
  const statuses: string[] = [];
  onEvent<{ status: string }>('changed', ({ status }) => {
    statuses.push(status);
  });
  await condition(() => statuses.includes('delivered'));
  return statuses;
}
