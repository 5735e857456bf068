import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import type * as v from 'valibot';
import { messageOf } from '../../domain/errors.ts';
import { check } from '../../runtime/schema.ts';

const MAX_BODY = '1mb';

/** A request cannot be met; its sentence is answered. */
export class InvalidControlRequest extends Error {
  override readonly name = 'BadWish';
  readonly status = 400;
}

type ControlHandler = (body: unknown) => object;

/** Answers by method and path, as in `GET /-/faults`. */
export type Controls = Readonly<Record<string, ControlHandler>>;

/** Reads the body by a schema before it is acted on; all that is wrong with it is answered. */
export const controlHandler =
  <S extends v.GenericSchema>(schema: S, act: (input: v.InferOutput<S>) => object): ControlHandler =>
  (body) => {
    const { output, problems } = check(schema, body, 'the body');
    if (problems.length > 0)
      throw new InvalidControlRequest(problems.map(({ sentence }) => sentence).join('. '));
    return act(output as v.InferOutput<S>);
  };

/** `/-/faults` of a stand-in: shows, sets and clears them. */
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

/** Serves a stand-in's controls: JSON, without a key; refused where a web page asks for it. */
export function controlEndpoint(controls: Controls): express.Express {
  const app = express().disable('x-powered-by').disable('etag').set('json spaces', 2);
  app.use(rejectWebPages, express.json({ limit: MAX_BODY, type: () => true, strict: false }));
  app.use((request: Request, response) => {
    const asked = `${request.method} ${request.path}`;
    const answer = Object.hasOwn(controls, asked) ? controls[asked] : undefined;
    if (answer !== undefined) response.json(answer(request.body === undefined ? {} : request.body));
    else {
      const error = `${asked} is not there: there are ${Object.keys(controls).join(', ')}`;
      response.status(404).json({ error });
    }
  });
  return app.use(answerError);
}

const rejectWebPages: RequestHandler = ({ headers: { origin } }, response, next) => {
  if (origin === undefined) next();
  else response.status(403).json({ error: `origin ${origin} may not set faults: web pages may not` });
};

const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const sentence = messageOf(error, error instanceof InvalidControlRequest ? 5_000 : 200);
  const status = Number(Object(error).status) || 500;
  response
    .status(status)
    .json({ error: error instanceof SyntaxError ? `the body is not JSON: ${sentence}` : sentence });
};
