/** Every workflow type that a worker serves. The exported name is the type. */
export { parkedEvent } from './parked-event.ts';
export { refreshWeather } from './refresh-weather.ts';
export { unzipArchive } from './unzip-archive.ts';
export { unzipObject } from './unzip-object.ts';
