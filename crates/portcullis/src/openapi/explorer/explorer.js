// The explorer: reads openapi.json and makes of each operation a card with its parameters, schemas, answers and a form
// that sends it. Text goes into the page as text only. The token stays in the variable below and nowhere else.
"use strict";

const METHODS = ["get", "post", "put", "patch", "delete"];
const BASE = location.origin + location.pathname.replace(/\/docs\/?$/, "");

let api = null;
let token = "";
/** What has to be drawn anew when the token changes. */
const onToken = [];

/** Makes an element. A string among the children is text. */
function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** A sentence in which `words` in backticks are code. */
function prose(text) {
  return (text || "").split("`").map((part, at) => (at % 2 ? el("code", {}, part) : part));
}

function paragraphs(text, kind) {
  return (text || "").split(/\n\n+/).filter(Boolean).map((part) => el("p", { class: kind }, prose(part)));
}

function resolve(thing) {
  if (!thing || !thing.$ref) return thing || {};
  return thing.$ref.slice(2).split("/").reduce((at, name) => at[name], api);
}

function pretty(value) {
  return JSON.stringify(value, null, 2);
}

// Schemas

/** The type of a value in a few words. */
function typeOf(schema) {
  const found = resolve(schema);
  if (schema.$ref && found.type === "object") return schema.$ref.split("/").pop();
  const choices = found.oneOf || found.anyOf;
  if (choices) return choices.map(typeOf).join(" or ");
  if (found.enum) return found.enum.join(" | ");
  if (found.type === "array") return `list of ${typeOf(found.items || {})}`;
  const type = [].concat(found.type || "any").join(" or ");
  const notes = [found.format, limits(found)].filter(Boolean);
  return notes.length ? `${type} (${notes.join(", ")})` : type;
}

function limits(schema) {
  const span = (least, most, unit) => {
    if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
    if (least !== undefined) return `at least ${least}${unit}`;
    return most !== undefined ? `at most ${most}${unit}` : "";
  };
  const given = schema.default !== undefined ? `${schema.default} if not given` : "";
  const length = span(schema.minLength, schema.maxLength, " characters");
  return [span(schema.minimum, schema.maximum, ""), length, given].filter(Boolean).join(", ");
}

/** The object schemas inside a schema that deserve a table of their own. */
function inner(schema) {
  const found = resolve(schema);
  if (found.properties) return found;
  if (found.type === "array") return inner(found.items || {});
  for (const choice of found.oneOf || found.anyOf || []) if (inner(choice)) return inner(choice);
  return null;
}

function row(name, required, type, text, below) {
  const names = el("div", { class: "name" }, el("code", {}, name), required ? el("span", { class: "required" }, "required") : null);
  return el("li", {}, names, el("div", { class: "type" }, type), text ? el("div", { class: "text" }, prose(text)) : null, below);
}

function members(schema) {
  const found = inner(schema);
  if (!found) return el("p", { class: "type" }, typeOf(schema));
  const required = found.required || [];
  return el("ul", { class: "members" }, Object.entries(found.properties).map(([name, member]) => {
    const text = member.description || resolve(member).description;
    return row(name, required.includes(name), typeOf(member), text, inner(member) ? members(member) : null);
  }));
}

// What an operation says

function block(title, ...children) {
  return el("section", { class: "block" }, el("h4", {}, title), children);
}

function parameters(operation) {
  const list = operation.parameters || [];
  if (!list.length) return null;
  const places = { path: "in the path", query: "in the query", header: "header" };
  return block("Parameters", el("ul", { class: "members" }, list.map((parameter) => row(
    parameter.name,
    parameter.required,
    `${typeOf(parameter.schema)}, ${places[parameter.in] || parameter.in}`,
    parameter.description,
  ))));
}

function requestBody(operation) {
  if (!operation.requestBody) return null;
  const types = Object.keys(operation.requestBody.content);
  return block("Body", el("p", { class: "type" }, types.join(" or ")), members(operation.requestBody.content[types[0]].schema));
}

function answer(status, response) {
  const [type, content] = Object.entries(response.content || {})[0] || [];
  const shown = [];
  if (content) {
    const several = Object.values(content.examples || {});
    if (!several.length && content.example !== undefined) several.push({ value: content.example });
    for (const example of several) {
      shown.push(example.summary ? el("p", { class: "when" }, prose(example.summary)) : null, el("pre", { tabindex: 0 }, pretty(example.value)));
    }
    if (inner(content.schema)) shown.push(el("details", { class: "more" }, el("summary", {}, "Members"), members(content.schema)));
  }
  for (const [name, header] of Object.entries(response.headers || {})) {
    shown.push(el("p", { class: "type" }, el("code", {}, header.example ? `${name}: ${header.example}` : name)));
  }
  const several = content && content.examples;
  const head = el("summary", {},
    el("span", { class: `status s${status[0]}` }, status),
    el("span", { class: "text" }, several ? `${Object.keys(content.examples).length} reasons` : prose(response.description)),
    el("span", { class: "type" }, type || "no body"));
  return el("details", { class: "answer" }, head, el("div", { class: "inside" }, shown.length ? shown : el("p", { class: "type" }, "The body is empty.")));
}

function answers(operation) {
  return block("Answers", Object.entries(operation.responses).map(([status, response]) => answer(status, response)));
}

// Trying

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The request as a line for a shell. The token is not shown: it is a variable there. */
function curl(request) {
  const parts = [`curl${request.method === "GET" ? "" : ` -X ${request.method}`} ${quoted(request.url)}`];
  for (const [name, value] of request.headers) {
    parts.push(name === "Authorization" ? '-H "Authorization: Bearer $TOKEN"' : `-H ${quoted(`${name}: ${value}`)}`);
  }
  for (const [name, value] of request.fields || []) parts.push(`--data-urlencode ${quoted(`${name}=${value}`)}`);
  if (request.json !== undefined) parts.push(`-d ${quoted(request.json)}`);
  return parts.join(" \\\n  ");
}

let fieldCount = 0;

function field(label, schema, example, required, hint) {
  const found = resolve(schema);
  const id = `field-${(fieldCount += 1)}`;
  const common = { id, required, autocomplete: "off", "aria-describedby": hint ? `${id}-hint` : null };
  const control = found.enum
    ? el("select", common, el("option", { value: "" }, ""), found.enum.map((word) => el("option", { value: word }, word)))
    : el("input", {
        ...common,
        type: found.format === "password" ? "password" : "text",
        inputmode: [].concat(found.type).includes("integer") ? "numeric" : null,
        placeholder: example === undefined || found.format === "password" ? null : String(example),
        spellcheck: "false",
        autocapitalize: "none",
      });
  const box = el("div", { class: "field" },
    el("label", { for: id }, label, required ? el("span", { class: "required" }, "required") : null),
    control,
    hint ? el("span", { class: "hint", id: `${id}-hint` }, hint) : null);
  return { box, control };
}

/** The form of an operation: its fields, and the request that they make. */
function inputs(method, path, operation) {
  const boxes = [];
  const given = (operation.parameters || []).map((parameter) => {
    const { box, control } = field(parameter.name, parameter.schema, parameter.example, parameter.required, parameter.in);
    boxes.push(box);
    return { parameter, control };
  });
  const content = operation.requestBody ? operation.requestBody.content : {};
  const json = content["application/json"];
  const form = content["application/x-www-form-urlencoded"];
  let text = null;
  let fields = [];
  if (json) {
    const id = `field-${(fieldCount += 1)}`;
    text = el("textarea", { id, rows: pretty(json.example).split("\n").length + 1, spellcheck: "false" });
    text.value = pretty(json.example);
    boxes.push(el("div", { class: "field wide" }, el("label", { for: id }, "Body (JSON)"), text));
  } else if (form) {
    const schema = resolve(form.schema);
    fields = Object.entries(schema.properties).map(([name, member]) => {
      const made = field(name, member, (form.example || {})[name], (schema.required || []).includes(name), "");
      boxes.push(made.box);
      return { name, control: made.control };
    });
  }
  const request = () => {
    const query = new URLSearchParams();
    const headers = [];
    let filled = path;
    for (const { parameter, control } of given) {
      const value = control.value;
      if (parameter.in === "path") filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(value) || `{${parameter.name}}`);
      else if (value === "") continue;
      else if (parameter.in === "query") query.append(parameter.name, value);
      else headers.push([parameter.name, value]);
    }
    if (operation.security && token) headers.push(["Authorization", `Bearer ${token}`]);
    const made = { method: method.toUpperCase(), url: BASE + filled + (query.size ? `?${query}` : ""), headers };
    if (text) {
      headers.push(["Content-Type", "application/json"]);
      made.json = text.value;
    } else if (form) {
      made.fields = fields.map(({ name, control }) => [name, control.value]).filter(([, value]) => value !== "");
    }
    return made;
  };
  return { boxes, request };
}

async function send(request) {
  const started = performance.now();
  const body = request.fields ? new URLSearchParams(request.fields) : request.json;
  const response = await fetch(request.url, {
    method: request.method, headers: request.headers, body, credentials: "omit", cache: "no-store", redirect: "manual",
  });
  const text = await response.text();
  return { response, text, took: Math.round(performance.now() - started) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function outcome({ response, text, took }) {
  const json = parsed(text);
  const found = json && (json.access_token || (json.status === "approved" && json.token));
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  return [
    el("p", { class: "line" },
      el("span", { class: `status s${String(response.status)[0]}` }, String(response.status)),
      el("span", { class: "text" }, response.statusText),
      el("span", { class: "type" }, `${took} ms`),
      found ? el("button", { type: "button", class: "quiet", onclick: () => setToken(found) }, "Use this token") : null),
    text ? el("pre", { tabindex: 0 }, json === undefined ? text : pretty(json)) : el("p", { class: "type" }, "The body is empty."),
    headers ? el("details", { class: "more" }, el("summary", {}, "Headers"), el("pre", { tabindex: 0 }, headers)) : null,
  ].filter(Boolean);
}

function tryIt(method, path, operation) {
  const { boxes, request } = inputs(method, path, operation);
  const line = el("pre", { class: "curl", tabindex: 0, "aria-label": "The same request with curl" });
  const result = el("div", { class: "result", "aria-live": "polite" });
  const missing = el("p", { class: "hint" });
  const button = el("button", { type: "submit" }, "Send");
  const copy = el("button", { type: "button", class: "quiet", onclick: async () => {
    await navigator.clipboard.writeText(line.textContent);
    copy.textContent = "Copied";
  } }, "Copy curl");
  const draw = () => {
    line.textContent = curl(request());
    copy.textContent = "Copy curl";
    missing.textContent = operation.security && !token ? "This needs a token: sign in at the top." : "";
  };
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      result.replaceChildren(...outcome(await send(request())));
    } catch (error) {
      result.replaceChildren(el("p", { class: "failed" }, `No answer came: ${error.message}`));
    }
    button.disabled = false;
  };
  const form = el("form", { onsubmit: submit, oninput: draw }, boxes, missing, el("div", { class: "actions" }, button, navigator.clipboard ? copy : null), line, result);
  onToken.push(draw);
  draw();
  return block("Try it", form);
}

// The page

function badge(policy) {
  return policy && policy !== "public" ? el("span", { class: "policy" }, policy.replace("_", " ")) : null;
}

function card(method, path, operation) {
  const head = el("summary", { class: "head" },
    el("span", { class: `method ${method}` }, method.toUpperCase()),
    el("code", { class: "path" }, path),
    el("span", { class: "summary" }, operation.summary || ""),
    badge(operation["x-policy"]));
  const made = el("details", { class: "operation", id: operation.operationId }, head);
  // Filled when it is first opened: most never are.
  made.addEventListener("toggle", () => {
    if (!made.open || made.childElementCount > 1) return;
    made.append(el("div", { class: "body" },
      paragraphs(operation.description, "about"),
      el("div", { class: "columns" },
        el("div", {}, parameters(operation), requestBody(operation), answers(operation)),
        el("div", {}, tryIt(method, path, operation)))));
  });
  return made;
}

function setToken(value) {
  token = value.trim();
  const entry = document.getElementById("token");
  if (entry) entry.value = token;
  const state = document.getElementById("signed");
  state.textContent = token ? "A token is set" : "No token";
  state.className = token ? "set" : "";
  for (const draw of onToken) draw();
}

/** Signing in: a token is fetched with address and password, or pasted. */
function signIn() {
  const schemes = Object.values((api.components || {}).securitySchemes || {});
  const flow = schemes.map((scheme) => scheme.flows && scheme.flows.password).find(Boolean);
  const said = el("p", { class: "hint", "aria-live": "polite" });
  const email = el("input", { id: "email", type: "text", inputmode: "email", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true });
  const password = el("input", { id: "password", type: "password", autocomplete: "current-password", required: true });
  const pasted = el("input", { id: "token", type: "password", autocomplete: "off", oninput: (event) => setToken(event.target.value) });
  const submit = async (event) => {
    event.preventDefault();
    const fields = [["username", email.value], ["password", password.value]];
    try {
      const { text } = await send({ method: "POST", url: BASE + flow.tokenUrl, headers: [], fields });
      const json = parsed(text) || {};
      if (json.access_token) {
        setToken(json.access_token);
        password.value = "";
      }
      said.textContent = json.access_token ? "Signed in." : `Not signed in: ${typeof json.detail === "string" ? json.detail : text}`;
    } catch (error) {
      said.textContent = `No answer came: ${error.message}`;
    }
  };
  const label = (control, text) => el("div", { class: "field" }, el("label", { for: control.id }, text), control);
  return el("details", { class: "signin" },
    el("summary", {}, "Sign in", el("span", { id: "signed" }, "No token")),
    el("div", { class: "inside" },
      flow ? el("form", { onsubmit: submit }, label(email, "E-mail"), label(password, "Password"), el("div", { class: "actions" }, el("button", { type: "submit" }, "Get a token"))) : null,
      el("form", { onsubmit: (event) => event.preventDefault() }, label(pasted, "Or paste an access token")),
      said,
      el("p", { class: "hint" }, "It is kept in this page only, and gone when you close it.")));
}

function operations() {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ method, path, operation: item[method] })));
}

function open(id) {
  const target = id && document.getElementById(id);
  if (!target || !target.matches("details.operation")) return;
  target.open = true;
  target.scrollIntoView({ block: "start" });
}

function draw() {
  const all = operations();
  const main = document.getElementById("operations");
  const contents = document.getElementById("contents");
  const search = el("input", { id: "search", type: "search", placeholder: "Filter", "aria-label": "Filter the operations" });
  const sections = [];
  const links = [];
  for (const tag of api.tags) {
    const cards = [];
    const items = [];
    for (const { method, path, operation } of all.filter((one) => one.operation.tags.includes(tag.name))) {
      const words = `${method} ${path} ${operation.summary} ${operation.operationId} ${tag.name}`.toLowerCase();
      const made = card(method, path, operation);
      const item = el("li", {}, el("a", { href: `#${operation.operationId}`, onclick: () => open(operation.operationId) },
        el("span", { class: `method ${method}` }, method.toUpperCase()), el("span", {}, operation.summary)));
      cards.push({ words, made });
      items.push({ words, made: item });
    }
    const section = el("section", { class: "tag" }, el("h2", {}, tag.name), paragraphs(tag.description), cards.map(({ made }) => made));
    const group = el("li", {}, el("p", {}, tag.name), el("ul", {}, items.map(({ made }) => made)));
    sections.push({ section, parts: cards });
    links.push({ section: group, parts: items });
  }
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { section, parts } of [...sections, ...links]) {
      for (const part of parts) part.made.hidden = !words.every((word) => part.words.includes(word));
      section.hidden = parts.every((part) => part.made.hidden);
    }
  });
  const version = api.info.version;
  document.title = `${api.info.title} API ${version}`;
  main.replaceChildren(el("h1", {}, "API"), ...paragraphs(api.info.description, "lead"), signIn(), ...sections.map(({ section }) => section));
  contents.replaceChildren(search, el("ul", {}, links.map(({ section }) => section)));
  contents.hidden = false;
  window.addEventListener("hashchange", () => open(location.hash.slice(1)));
  open(location.hash.slice(1));
}

async function start() {
  const response = await fetch(`${BASE}/openapi.json`, { credentials: "omit" });
  if (!response.ok) throw new Error(`openapi.json: ${response.status}`);
  api = await response.json();
  draw();
}

start().catch((error) => {
  document.getElementById("operations").prepend(el("p", { class: "note" }, `The explorer could not start (${error.message}). The list below is complete.`));
});
