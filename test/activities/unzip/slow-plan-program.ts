/** A worker that does nothing but plan a slow archive. Says when the planning process has the whole job. */
import { planInChildIfLarge } from '../../../activities/unzip/plan-in-child-process.ts';
import { until } from '../../support/until.ts';
import { slowPlan } from './slow-plan.ts';

const planned = planInChildIfLarge(slowPlan(3_000), new AbortController().signal);
await until('the job is sent', () => {
  const active = process.getActiveResourcesInfo();
  return active.includes('ProcessWrap') && !active.some((name) => name.endsWith('WriteWrap'));
});
console.log('sent');
await planned;
