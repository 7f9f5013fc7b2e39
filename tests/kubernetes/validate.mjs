// SPDX-License-Identifier: GPL-2.0-or-later
//
// Validates objects against the schemas of Kubernetes' API and of the Prometheus
// operator:
//
//	node validate.mjs TOOLS <OBJECTS
//
// TOOLS is the folder of scripts/kubernetes-tools; OBJECTS is a JSON list. For each
// object a line: "ok", or what is wrong. Schemas do not forbid unknown fields, so
// each object is also compiled by TypeScript as a literal of its type, which does.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const tools = process.argv[2];
const require = createRequire(`${tools}/package.json`);
const ts = require("typescript");
const objects = JSON.parse(readFileSync(0, "utf8"));

const wrong = objects.map(() => []);
const sources = new Map();

objects.forEach((object, number) => {
	const group = object.apiVersion.split("/")[0];
	const scope = group === "monitoring.coreos.com" ?
		"@kubernetes-models/prometheus-operator" : "kubernetes-models";
	const path = `${scope}/${object.apiVersion}/${object.kind}`;
	let model;
	try {
		model = require(path)[object.kind];
	} catch {
		wrong[number].push(`there is no ${object.kind} in ${object.apiVersion}`);
		return;
	}
	try {
		new model(object).validate();
	} catch (error) {
		wrong[number].push(error.message);
	}
	sources.set(`${tools}/object-${number}.ts`,
		`import { I${object.kind} } from "${path}";\n` +
		`const object: I${object.kind} = ${JSON.stringify(object, null, 1)};\nobject;\n`);
});

const options = {
	noEmit: true, strict: true, types: [], target: ts.ScriptTarget.ES2020,
	module: ts.ModuleKind.ES2020, moduleResolution: ts.ModuleResolutionKind.Bundler,
	skipLibCheck: true,
};
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
host.getSourceFile = (name, version) => sources.has(name) ?
	ts.createSourceFile(name, sources.get(name), version) : getSourceFile(name, version);
host.fileExists = (name) => sources.has(name) || fileExists(name);
host.readFile = (name) => sources.get(name) ?? readFile(name);
const program = ts.createProgram([...sources.keys()], options, host);
for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
	const found = /object-(\d+)\.ts$/.exec(diagnostic.file?.fileName ?? "");
	const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
	if (!found)
		throw new Error(text);
	wrong[found[1]].push(text);
}
for (const list of wrong)
	console.log(list.length ? list.join("; ").replace(/\s+/g, " ") : "ok");
