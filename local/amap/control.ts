import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { messageOf } from '../../domain/errors.ts';
import { BadFaults } from '../faults/json-fields.ts';
import { readFaults } from './faults/read-faults.ts';
import { readReissue } from './faults/read-reissue.ts';
import type { StandIn } from './stand-in.ts';

const LONGEST_BODY = '1mb';

type Route = readonly [method: 'get' | 'post' | 'delete', path: string, answer: (body: unknown) => object];

/**
 * Shows, sets and clears faults; changes forecasts on demand; shows and forgets calls. JSON, without a key; refused
 * where a web page asks for it.
 */
export function controlStandIn(standIn: StandIn): express.Express {
  const { faults, calls } = standIn;
  const routes: readonly Route[] = [
    ['get', '/-/faults', () => faults.show()],
    ['post', '/-/faults', (body) => standIn.setFaults(readFaults(body))],
    ['delete', '/-/faults', () => standIn.clearFaults()],
    ['post', '/-/faults/reissue', (body) => standIn.reissue(readReissue(body))],
    ['get', '/-/calls', () => calls.show()],
    [
      'delete',
      '/-/calls',
      () => {
        calls.forget();
        return calls.show();
      },
    ],
  ];
  const app = express().disable('x-powered-by').disable('etag').set('json spaces', 2);
  app.use(refusePages, express.json({ limit: LONGEST_BODY, type: () => true }));
  for (const [method, path, answer] of routes)
    app[method](path, (request: Request, response) => {
      response.json(answer(request.body ?? {}));
    });
  const there = routes.map(([method, path]) => `${method.toUpperCase()} ${path}`).join(', ');
  app.use((request, response) => {
    const error = `${request.method} ${request.path} is not there: there are ${there}`;
    response.status(404).json({ error });
  });
  return app.use(tellError);
}

const refusePages: RequestHandler = ({ headers: { origin } }, response, next) => {
  if (origin === undefined) next();
  else response.status(403).json({ error: `origin ${origin} may not set faults: web pages may not` });
};

const tellError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof BadFaults) response.status(400).json({ error: error.message });
  else if (error instanceof SyntaxError)
    response.status(400).json({ error: `the body is not JSON: ${messageOf(error, 200)}` });
  else {
    const status = Number(Object(error).status) || 500;
    response.status(status).json({ error: messageOf(error, 200) });
  }
};
