/**
 * Calls the control endpoints of the stand-in: `/-/faults` and `/-/calls`. Throws the stand-in's message if it answers
 * with an error.
 */
export const amapControl =
  (url: string) =>
  async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
