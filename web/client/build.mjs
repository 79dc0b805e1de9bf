// Builds the module: node build.mjs [--generate | --test]
//   (nothing)   dist/: one ES module, its map, type declarations, the licences of what it contains
//   --generate  only the code of the protocol, from the repository's messages/agent.proto (PROTOC or protoc from the path)
//   --test      compiles the tests and runs them with node's runner
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '..', '..');
const modules = join(here, 'node_modules');

function run(command, args) {
  const done = spawnSync(command, args, { cwd: here, stdio: 'inherit', timeout: 240_000 });
  if (done.error) throw new Error(`${command} cannot be run (${done.error.message}); protoc comes with Debian's protobuf-compiler`);
  if (done.status !== 0) process.exit(done.status ?? 1);
}

function generate() {
  const out = join(here, 'src', 'gen');
  mkdirSync(out, { recursive: true });
  run(process.env.PROTOC || 'protoc', [
    `--plugin=protoc-gen-es=${join(modules, '.bin', 'protoc-gen-es')}`, `--es_out=${out}`, '--es_opt=target=ts',
    `--proto_path=${join(repository, 'messages')}`, 'agent.proto',
  ]);
}

// What the licences of the bundled code ask for travels with it.
function notices() {
  const runtime = join(modules, '@bufbuild', 'protobuf');
  const { version, license } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8'));
  const varint = readFileSync(join(runtime, 'dist', 'esm', 'wire', 'varint.js'), 'utf8');
  const head = varint.slice(0, varint.search(/^[^/]/m)).replace(/^\/\/ ?/gm, '');
  if (!head.includes('Redistribution')) throw new Error('@bufbuild/protobuf: the licence of its varint code is not where it was');
  return { line: `Contains @bufbuild/protobuf ${version} (${license}), see third-party.txt.`, text: `@bufbuild/protobuf ${version}: ${license}\n\nIts varint code:\n\n${head}` };
}

// Of the declarations only what index.d.ts leads to is packed; it must not lead to another package.
function prune(dist) {
  const kept = new Set();
  const keep = (name) => {
    if (kept.has(name)) return;
    kept.add(name);
    for (const [, from] of readFileSync(join(dist, name), 'utf8').matchAll(/from ['"]([^'"]+)['"]/g)) {
      if (!from.startsWith('./')) throw new Error(`${name} imports ${from}: an application would need it, too`);
      keep(from.slice(2).replace(/\.js$/, '.d.ts'));
    }
  };
  keep('index.d.ts');
  for (const name of readdirSync(dist, { recursive: false })) if (name === 'gen' || (name.endsWith('.d.ts') && !kept.has(name))) rmSync(join(dist, name), { recursive: true });
}

async function distribution() {
  const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const dist = join(here, 'dist');
  const notice = notices();
  rmSync(dist, { recursive: true, force: true });
  await build({
    entryPoints: [join(here, 'src', 'index.ts')], outfile: join(dist, 'forestage-client.js'), bundle: true, minify: true, sourcemap: true,
    format: 'esm', platform: 'neutral', mainFields: ['module', 'main'], target: 'es2022', charset: 'ascii', legalComments: 'none', logLevel: 'warning',
    banner: { js: `/*! forestage-client ${version}, Apache-2.0. ${notice.line} */` }, define: { FORESTAGE_CLIENT_VERSION: JSON.stringify(version) },
  });
  run(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.types.json']);
  prune(dist);
  writeFileSync(join(dist, 'third-party.txt'), notice.text);
  copyFileSync(join(repository, 'LICENSE'), join(here, 'LICENSE'));
}

async function test() {
  const out = join(here, 'build', 'test');
  const names = readdirSync(join(here, 'test')).filter((name) => name.endsWith('.test.ts'));
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: names.map((name) => join(here, 'test', name)), outdir: out, outExtension: { '.js': '.mjs' }, bundle: true, sourcemap: 'inline',
    format: 'esm', platform: 'node', packages: 'external', target: 'node18', logLevel: 'warning', define: { FORESTAGE_CLIENT_VERSION: '"test"' },
  });
  // Files are named: what node makes of a folder differs between its versions.
  run(process.execPath, ['--enable-source-maps', '--test', ...names.map((name) => join(out, name.replace(/\.ts$/, '.mjs')))]);
}

generate();
if (process.argv[2] === '--test') await test();
else if (process.argv[2] !== '--generate') await distribution();
