import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What headless Chromium is started with. */
export const FLAGS = [
  '--no-sandbox', // containers run as root
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium is: what `CHROME_PATH` says, or the first that is on the path; undefined if there is none. */
export const chromiumPath = () => process.env.CHROME_PATH || onPath('chromium', 'chromium-browser', 'google-chrome');

function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
