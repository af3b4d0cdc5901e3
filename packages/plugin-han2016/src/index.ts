export { han2016 } from './importer.ts';
export { plugin as default } from './plugin.ts';
export { type Net, readNet } from './read-net.ts';
