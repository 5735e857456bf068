import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import type * as v from 'valibot';
import { messageOf } from '../../domain/errors.ts';
import { foreignHostProblem } from '../../runtime/loopback-host.ts';
import { check } from '../../runtime/schema.ts';

const MAX_BODY = '1mb';

/** A control request is invalid. The answer is a 400 with this message. */
export class InvalidControlRequest extends Error {
  override readonly name = 'InvalidControlRequest';
  readonly status = 400;
}

type ControlHandler = (body: unknown) => object;

/** Handlers by method and path, such as `GET /-/faults`. */
export type Controls = Readonly<Record<string, ControlHandler>>;

/** Validates the body against a schema before the handler runs. The answer lists everything that is wrong with it. */
export const controlHandler =
  <S extends v.GenericSchema>(schema: S, act: (input: v.InferOutput<S>) => object): ControlHandler =>
  (body) => {
    const { output, problems } = check(schema, body, 'the body');
    if (problems.length > 0)
      throw new InvalidControlRequest(problems.map(({ sentence }) => sentence).join('. '));
    return act(output as v.InferOutput<S>);
  };

/** Returns the handlers of `/-/faults`, which show, set and clear the faults of a stand-in. */
export function faultControls<S extends v.GenericSchema>(
  schema: S,
  faults: { show(): object; set(settings: v.InferOutput<S>): void },
): Controls {
  const show = (): object => faults.show();
  const setTo = controlHandler(schema, (settings) => {
    faults.set(settings);
    return show();
  });
  const clear = (): object => setTo({});
  return {
    ...{ 'GET /-/faults': show, 'POST /-/faults': setTo },
    ...{ 'PUT /-/faults': setTo, 'DELETE /-/faults': clear },
  };
}

/** Serves the controls of a stand-in: JSON without authentication. Requests of web pages get 403. */
export function controlEndpoint(controls: Controls): express.Express {
  const app = express().disable('x-powered-by').disable('etag').set('json spaces', 2);
  app.use(rejectWebPages, express.json({ limit: MAX_BODY, type: () => true, strict: false }));
  app.use((request: Request, response) => {
    const operation = `${request.method} ${request.path}`;
    const handler = Object.hasOwn(controls, operation) ? controls[operation] : undefined;
    if (handler !== undefined) response.json(handler(request.body === undefined ? {} : request.body));
    else {
      const error = `${operation} does not exist: use ${Object.keys(controls).join(', ')}`;
      response.status(404).json({ error });
    }
  });
  return app.use(answerError);
}

/** No web page may set faults, also not one of the same origin. */
const rejectWebPages: RequestHandler = ({ headers }, response, next) => {
  const { origin } = headers;
  const hostProblem = foreignHostProblem(headers);
  const reject = (error: string) => response.status(403).json({ error });
  if (origin !== undefined) reject(`web pages may not set faults, but the request has origin ${origin}`);
  else if (headers['sec-fetch-site'] === 'cross-site') reject('web pages may not set faults');
  else if (hostProblem !== undefined) reject(hostProblem);
  else next();
};

const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const sentence = messageOf(error, error instanceof InvalidControlRequest ? 5_000 : 200);
  const status = Number(Object(error).status) || 500;
  response
    .status(status)
    .json({ error: error instanceof SyntaxError ? `the body is not JSON: ${sentence}` : sentence });
};
