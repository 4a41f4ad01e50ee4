// Checks workflows by actionlint and jobs by the schemas of Kubernetes, and both by rules of our own: ci/validate calls it.
// usage: node ci/validate.js DIRECTORY-OF-NODE-MODULES FILE…
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");

const [directory, ...files] = process.argv.slice(2);
const from = createRequire(path.resolve(directory, "package.json"));
const yaml = from("yaml");
const { validate: isJob } = from(path.resolve(directory, "node_modules/kubernetes-models/_schemas/IoK8sApiBatchV1Job.js"));

// Steps call scripts of ci/ that are there, or dotnet, if need be as root; nothing that only a runner could try.
function* ownSteps(workflow) {
    for (const [name, job] of Object.entries(workflow.jobs)) {
        for (const step of job.steps.filter(step => step.run !== undefined)) {
            const words = step.run.trim().replace(/^sudo env (?:"\w+=\$\w+" )+/, "").split(/\s+/);
            const isScript = /^ci\/[\w-]+$/.test(words[0]) && (fs.statSync(words[0], { throwIfNoEntry: false })?.mode & 0o100);
            if (step.run.trim().includes("\n") || !(isScript || words[0] === "dotnet")) {
                yield `the job ${name} runs "${step.run.trim()}", which is neither a script of ci/ nor dotnet`;
            }
        }
    }
}

// The schemas of Kubernetes allow any property beside those that they name, and a cluster drops it: what the check has not looked at is none.
function* schemaFaults(document) {
    const ids = new Map();
    const seen = new Set();
    const watch = value => value === null || typeof value !== "object" ? value : new Proxy(value, {
        get(target, name) {
            seen.add(target).add(`${ids.get(target)}.${String(name)}`);
            return watch(target[name]);
        },
    });
    (function number(value) {
        if (value !== null && typeof value === "object") {
            ids.set(value, ids.size);
            Object.values(value).forEach(number);
        }
    })(document);
    if (!isJob(watch(document))) yield* isJob.errors.map(error => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`);
    for (const [object, id] of ids) {
        if (!Array.isArray(object)) {
            yield* Object.keys(object).filter(name => seen.has(object) && !seen.has(`${id}.${name}`)).map(name => `there is no property ${name}`);
        }
    }
}

// Each completion is a part, and there are as many parts as the suite is told.
function* ownParts({ spec }) {
    const [container] = spec.template.spec.containers;
    const shards = container.env.find(variable => variable.name === "WARDEN_SHARDS")?.value;
    if (spec.completionMode !== "Indexed") yield "its completions are not indexed";
    if (shards !== String(spec.completions)) yield `it has ${spec.completions} completions and ${shards} shards`;
    if (!container.command.join(" ").includes("$((JOB_COMPLETION_INDEX + 1))/$WARDEN_SHARDS")) yield "its command does not ask for the part of its index";
}

async function main() {
    const { createLinter } = await import(pathToFileURL(from.resolve("actionlint")).href.replace("node.cjs", "node.mjs"));
    const lint = await createLinter();
    let failed = false;
    for (const file of files) {
        const faults = [];
        const text = fs.readFileSync(file, "utf8");
        const document = yaml.parseDocument(text);
        if (document.errors.length > 0) {
            faults.push(...document.errors.map(error => error.message));
        } else if (file.endsWith(".yml")) {
            faults.push(...lint(text, file).map(fault => `${fault.line}:${fault.column}: ${fault.message}`));
            if (faults.length === 0) faults.push(...ownSteps(document.toJS()));
        } else {
            faults.push(...schemaFaults(document.toJS()));
            if (faults.length === 0) faults.push(...ownParts(document.toJS()));
        }
        faults.forEach(fault => console.error(`${file}: ${fault}`));
        failed ||= faults.length > 0;
        if (faults.length === 0) console.log(`${file} is valid.`);
    }
    process.exitCode = failed ? 1 : 0;
}

main();
