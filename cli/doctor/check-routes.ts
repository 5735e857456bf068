import { join } from 'node:path';
import { messageOf } from '../../domain/errors.ts';
import { checkRoutes } from '../../gateway/routes/load-routes.ts';
import type { Route } from '../../gateway/routes/route.ts';
import { formatMistake } from '../../gateway/routes/yaml-file.ts';
import type { TemporalTarget } from '../addresses.ts';
import { CommandError } from '../command.ts';
import { type CliConfig, packageRoot } from '../config.ts';
import { environmentLookup } from '../environment-lookup.ts';
import { describeQueue, type QueueState } from '../runs/task-problem.ts';
import { type TemporalClient, withTemporal } from '../temporal-client.ts';
import { ageText, durationText } from '../terminal-text.ts';
import type { Finding } from './checks.ts';

/**
 * Checks the queues of the shipped routes, and of the routes file `file`: does a worker poll them, and how many runs are
 * open there?
 */
export async function checkRouteQueues(
  target: TemporalTarget,
  { environment }: Pick<CliConfig, 'environment'>,
  file: string | undefined = environment.SLUICE_ROUTES || undefined,
): Promise<Finding[]> {
  const files = [join(packageRoot, 'gateway', 'routes.yaml'), ...(file === undefined ? [] : [file])];
  const { routes, mistakes } = checkRoutes(files, environmentLookup(environment).lookUp);
  const wrong = mistakes.map(
    (mistake): Finding => ({
      ...{ ok: false, what: 'routes', says: formatMistake(mistake) },
      remedy: 'see sluice routes check',
    }),
  );
  const queues = new Map<string, string[]>();
  for (const { queue, name } of routes) queues.set(queue, [...(queues.get(queue) ?? []), name]);
  try {
    const found = await withTemporal(target, (temporal) =>
      Promise.all([
        ...[...queues].map(([queue, names]) => checkQueue(temporal, queue, names)),
        ...routes
          .filter(({ attributes }) => attributes !== undefined)
          .map((route) => checkAttributes(temporal, route)),
      ]),
    );
    const unchecked: Finding = {
      ...{ ok: true, what: 'routes' },
      says: "only the shipped routes are checked; name the gateway's routes file with --routes",
    };
    return [...wrong, ...(file === undefined ? [unchecked] : []), ...found];
  } catch (error) {
    // `checkTemporal` reports that Temporal does not answer.
    if (error instanceof CommandError) return wrong;
    const says = `the queues of the routes cannot be checked: ${messageOf(error, 300)}`;
    return [...wrong, { ok: false, what: 'queues', says, remedy: 'see the finding about Temporal' }];
  }
}

async function checkQueue(
  temporal: TemporalClient,
  queue: string,
  names: readonly string[],
): Promise<Finding> {
  const state = await describeQueue(temporal, queue);
  const query = `TaskQueue = ${JSON.stringify(queue)} AND ExecutionStatus = "Running"`;
  const { count } = await temporal.call(() => temporal.client.workflow.count(query));
  const route = names.length === 1 ? 'route' : 'routes';
  return {
    ok: state.pollers > 0,
    what: `queue ${queue}`,
    says: `${pollText(state)}; ${count} open ${count === 1 ? 'run' : 'runs'}${backlogText(state)} (${route} ${names.join(', ')})`,
    remedy: `start a worker that polls queue ${queue} of namespace ${temporal.target.namespace}, or correct the queue of ${route} ${names.join(', ')}`,
  };
}

/** Checks that the namespace has the search attributes of a route. Without them, the route starts no run. */
async function checkAttributes(temporal: TemporalClient, { name, attributes }: Route): Promise<Finding> {
  const { namespace, address } = temporal.target;
  const names = attributes?.names ?? [];
  const what = `search attributes of route ${name}`;
  try {
    const { customAttributes } = await temporal.call(() =>
      temporal.connection.operatorService.listSearchAttributes({ namespace }),
    );
    const missing = names.filter((attribute) => customAttributes[attribute] === undefined);
    const create = `temporal operator search-attribute create --address ${address} --namespace ${namespace}`;
    return {
      ok: missing.length === 0,
      what,
      says: missing.length === 0 ? names.join(', ') : `missing: ${missing.join(', ')}`,
      remedy: missing.map((attribute) => `${create} --name ${attribute} --type Keyword`).join('\n  '),
    };
  } catch (error) {
    // A hosted Temporal does not let clients list the search attributes.
    return { ok: true, what, says: `not checked: ${messageOf(error, 300)}` };
  }
}

function pollText({ pollers, lastPoll }: QueueState): string {
  const count = `${pollers} ${pollers === 1 ? 'poller' : 'pollers'}`;
  const polled = lastPoll === undefined ? '' : `, last poll ${ageText(lastPoll)}`;
  return `${pollers === 0 ? 'no worker polls it' : count}${polled}`;
}

const backlogText = ({ waitingTasks, oldestTaskMs }: QueueState): string =>
  waitingTasks === 0
    ? ''
    : `, ${waitingTasks} waiting ${waitingTasks === 1 ? 'task' : 'tasks'}, the oldest for ${durationText(oldestTaskMs)}`;
