import { fileURLToPath } from 'node:url';

/** The package's root folder, independent of the working directory. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
