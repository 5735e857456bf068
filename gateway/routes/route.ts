import { type CloudEvent, toJsonFormat } from '../../domain/cloud-event.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { matches, type Pattern } from '../../domain/event-pattern.ts';
import { eventHash, workflowId } from '../../domain/workflow-id.ts';
import type { Template } from './template.ts';

/** One row of the routes file: which events start which workflow, under which id, with which argument. */
export interface Route {
  readonly name: string;
  readonly match: Pattern;
  readonly workflow: string;
  readonly queue: string;
  readonly id: Template;
  /** Absent: the whole event in CloudEvents' JSON format. */
  readonly input?: Template;
  /** The id as the template gives it, without the event's hash. */
  readonly exact: boolean;
}

/** What a matched event starts. */
export interface Start {
  readonly route: string;
  readonly workflow: string;
  readonly queue: string;
  readonly workflowId: string;
  readonly argument: unknown;
}

/** The starts that an event asks for, one for each route that matches; throws `InvalidInput` when one cannot be built. */
export function startsFor(routes: readonly Route[], event: CloudEvent): Start[] {
  const view = toJsonFormat(event);
  return routes.filter(({ match }) => matches(match, view)).map((route) => startOf(route, event, view));
}

function startOf(route: Route, { source, id }: CloudEvent, view: Record<string, unknown>): Start {
  const { name, workflow, queue, exact } = route;
  try {
    const text = String(route.id.fill(view) ?? '');
    if (text === '') throw new InvalidInput('TemplateUnfilled', 'its id is empty');
    return {
      route: name,
      workflow,
      queue,
      workflowId: workflowId(exact ? text : `${text}:${eventHash(name, source, id)}`),
      argument: route.input === undefined ? view : route.input.fill(view),
    };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput('TemplateUnfilled', `route ${name}: ${error.message}`, { cause: error });
  }
}
