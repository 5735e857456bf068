/** A text as one word for a shell: ids hold what senders chose, and people paste the commands that we print. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
