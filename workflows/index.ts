/** Every workflow type that a worker serves: the exported name is the type. */
export { unzipArchive } from './unzip-archive.ts';
export { unzipObject } from './unzip-object.ts';
