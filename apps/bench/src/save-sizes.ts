import { mkdirSync, writeFileSync } from 'node:fs';
import { type SizeEntry, sizeEntries } from './sizes.ts';

// Measures all sizes and saves them with their curves: node --conditions=@pare/source --import tsx apps/bench/src/save-sizes.ts

const folder = new URL('../results/', import.meta.url);
const { node, brotli } = process.versions;
const rows: SizeEntry[] = [];

mkdirSync(folder, { recursive: true });
for await (const row of sizeEntries()) {
  rows.push(row);
  console.log(`${row.name}: ${row.ours} B, ${(row.theirs / row.ours).toFixed(3)} times smaller than ${row.theirs}`);
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const lines = rows.map(({ peer, ...rest }) => JSON.stringify({ ...rest, peer: peers.indexOf(peer) }));
  const text = `{"versions":${JSON.stringify({ node, brotli })},"peers":${JSON.stringify(peers)},"rows":[\n${lines.join(',\n')}\n]}\n`;
  writeFileSync(new URL('sizes.json', folder), text);
}
