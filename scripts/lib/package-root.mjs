import { fileURLToPath } from 'node:url';

/** The package's root folder, whatever the working directory is. */
export const packageRoot = fileURLToPath(new URL('../../', import.meta.url));
