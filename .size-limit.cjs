const { existsSync, readdirSync } = require('node:fs');

/** Budgets of the doors that browsers download: minified and gzipped, with all that they import. */
const budgets = {
  'huffman/decode': '1.3 kB',
  'format/decode': '6 kB',
};

/** What a page imports of a door, if that is what the budget is for. */
const imports = { 'format/decode': '{ decodeModel }' };

/** What runs in Node alone. */
const NOT_FOR_BROWSERS = ['cli', 'vite-plugin', 'create-pare-plugin'];

/** The other doors have no budget; their size is printed so that a change of it is seen. */
const doors = readdirSync('packages').flatMap((name) => {
  const manifest = `./packages/${name}/package.json`;
  if (NOT_FOR_BROWSERS.includes(name) || !existsSync(manifest)) return [];
  const { exports = {}, peerDependencies = {} } = require(manifest);
  return Object.values(exports)
    .map((target) => target.import?.default)
    .filter((file) => file && existsSync(`packages/${name}/${file}`))
    .map((file) => ({ name, file, peers: Object.keys(peerDependencies) }));
});

const found = doors.map(({ name, file, peers }) => {
  const door = `${name}/${file.replace(/^\.\/dist\/|\.js$/g, '')}`.replace(/\/index$/, '');
  const entry = { name: `@pare/${door}`, path: `packages/${name}/${file}`, gzip: true, ignore: peers };
  const part = door in imports ? { import: imports[door] } : {};
  return door in budgets ? { ...entry, ...part, limit: budgets[door] } : entry;
});

// A budgeted door that is not built is an error, not one check less.
for (const door of Object.keys(budgets)) {
  if (!found.some((entry) => entry.name === `@pare/${door}`)) throw new Error(`size: @pare/${door} is not built`);
}
module.exports = found;
