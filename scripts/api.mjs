/**
 * The public API of every door, as API Extractor reports it, in packages/NAME/api/DOOR.api.md: so that a change of it is seen in review.
 *
 * `pnpm api` writes the reports; with --check it fails where they are not what the built packages have.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { publicPackages } from './_workspace.mjs';

const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** Reports are about signatures; what compilers and comments have to say is said elsewhere. */
const silent = { default: { logLevel: 'none' } };
const messages = {
  compilerMessageReporting: silent,
  extractorMessageReporting: silent,
  tsdocMessageReporting: silent,
};

const compilerOptions = {
  module: 'esnext',
  moduleResolution: 'bundler',
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

const temporary = mkdtempSync(join(tmpdir(), 'pare-api-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));

for (const { folder, manifest } of publicPackages()) {
  const doors = Object.values(manifest.exports ?? {})
    .map((target) => target.import?.types)
    .filter(Boolean)
    .map((types) => ({ types: join(folder, types), report: `${basename(types, '.d.ts')}.api.md` }));
  for (const { types, report } of doors) {
    if (!existsSync(types)) throw new Error(`api: ${types} is not there: run pnpm build`);
    mkdirSync(join(folder, 'api'), { recursive: true });
    const config = ExtractorConfig.prepare({
      configObjectFullPath: join(folder, 'api-extractor.json'),
      packageJsonFullPath: join(folder, 'package.json'),
      configObject: {
        projectFolder: folder,
        mainEntryPointFilePath: types,
        compiler: { overrideTsconfig: { compilerOptions, include: [types] } },
        apiReport: {
          enabled: true,
          reportFileName: report,
          reportFolder: join(folder, 'api'),
          reportTempFolder: temporary,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        newlineKind: 'lf',
        messages,
      },
    });
    const { apiReportChanged } = Extractor.invoke(config, {
      localBuild: !options.check,
      messageCallback: (message) => {
        message.handled = true;
      },
    });
    const title = `${manifest.name}: ${report}`;
    if (!apiReportChanged) console.log(`ok      ${title}`);
    else if (!options.check) console.log(`written ${title}`);
    else {
      console.log(`FAILED  ${title} is not what is built: run pnpm api, and look at the difference`);
      process.exitCode = 1;
    }
  }
  const known = new Set(doors.map(({ report }) => report));
  const stale = existsSync(join(folder, 'api'))
    ? readdirSync(join(folder, 'api')).filter((file) => !known.has(file))
    : [];
  for (const file of stale) {
    if (options.check) {
      console.log(`FAILED  ${manifest.name}: api/${file} is of a door that is gone: run pnpm api`);
      process.exitCode = 1;
    } else rmSync(join(folder, 'api', file));
  }
}
