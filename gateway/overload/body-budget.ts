import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { answer } from '../answer.ts';

/** The answer to what cannot be taken now. */
export const TOO_MANY = {
  status: 429,
  headers: { 'Retry-After': '1' },
  error: 'too many requests at once; send it again',
} as const;

/**
 * Bounds the bytes of all bodies in memory, by what has really come: a sender that announces much and sends nothing
 * holds nothing. Above `budget` a request is answered 429; the bytes are given back when its answer is written.
 */
export function bodyBudget(budget: number, onRefused: () => void): RequestHandler {
  let held = 0;
  return (req: Request, res: Response, next: NextFunction): void => {
    let own = 0;
    res.once('close', () => {
      held -= own;
      own = 0;
    });
    const refuse = (): void => {
      onRefused();
      res.once('finish', () => req.destroy());
      answer(res, { ...TOO_MANY, headers: { ...TOO_MANY.headers, Connection: 'close' } });
    };
    if (held > budget) {
      refuse();
      return;
    }
    req.on('data', (chunk: Buffer) => {
      own += chunk.length;
      held += chunk.length;
      if (held > budget && !res.headersSent) refuse();
    });
    // Listening makes the stream flow with the next tick; by then the body's reader listens, too.
    next();
  };
}
