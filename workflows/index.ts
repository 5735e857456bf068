/** Every workflow type that a worker serves. The exported name is the type. */
export { alertCity } from './alert-city.ts';
export { channelSender } from './channel-sender.ts';
export { parkedEvent } from './parked-event.ts';
export { planAlerts } from './plan-alerts.ts';
export { refreshWeather } from './refresh-weather.ts';
export { unzipArchive } from './unzip-archive.ts';
export { unzipObject } from './unzip-object.ts';
