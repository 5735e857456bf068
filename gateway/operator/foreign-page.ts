import type { RequestHandler } from 'express';
import { answer } from '../answer.ts';

const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * Keeps pages of the web out of a gateway that is open because it listens on loopback only: a browser on the same
 * machine would send for them. Senders of events have no `Origin`.
 */
export const noForeignPages: RequestHandler = ({ headers: { origin } }, res, next) => {
  if (origin === undefined || LOOPBACK.test(origin)) next();
  else
    answer(res, { status: 403, error: `pages of ${JSON.stringify(origin.slice(0, 200))} may not send here` });
};
