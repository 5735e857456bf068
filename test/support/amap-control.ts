/**
 * Calls the control endpoints of the stand-in: `/-/faults` and `/-/calls`. Throws its message if it answers an error.
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
