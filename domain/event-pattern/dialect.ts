/**
 * The semantics of a pattern where the vendors differ. `alibaba`: a number equals its text, numbers are equal within
 * 1e-7, and a path does not lead into arrays. `aws`: a number never equals a text, and a path leads into the objects of an
 * array.
 */
export type Dialect = 'alibaba' | 'aws';
export const DIALECTS: readonly Dialect[] = ['alibaba', 'aws'];
