import { expect, test } from 'vitest';
import { cacheFolder, isOffline } from './cache-folder.ts';

test('the cache is where XDG says, unless that is a relative path', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/pare');
  for (const env of [{ XDG_CACHE_HOME: 'x', HOME: '/h' }, { HOME: '/h' }])
    expect(cacheFolder(env)).toBe('/h/.cache/pare');
});

test('PARE_OFFLINE forbids downloads unless it is empty or 0', () => {
  expect([undefined, '', '0', '1', 'yes'].map((PARE_OFFLINE) => isOffline({ PARE_OFFLINE }))).toEqual([
    ...[false, false, false],
    ...[true, true],
  ]);
});
