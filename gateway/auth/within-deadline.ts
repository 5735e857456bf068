import { Unavailable } from '../../domain/errors.ts';

/** What the work gives, or `Unavailable` naming `what` when it has not by `deadline` (epoch ms); the work itself goes on. */
export async function withinDeadline<T>(work: Promise<T>, deadline: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Unavailable('Late', `${what}: not within the request's deadline`));
    timer = setTimeout(fail, Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
