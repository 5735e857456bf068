/** Asks the stand-in's own endpoints: `/-/faults` and `/-/calls`; throws what it says where it refuses. */
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
