// The SQL editor: what is typed goes to the page when typing rests, when the editor is left,
// and with Ctrl+Enter, which also runs it. Nothing is asked of any other server.
"use strict";

const editor = ace.edit("editor", {
  mode: "ace/mode/sql",
  minLines: 10,
  maxLines: 26,
  fontSize: 14,
  tabSize: 4,
  useWorker: false,
  showPrintMargin: false,
  highlightGutterLine: false,
  enableBasicAutocompletion: true,
  enableLiveAutocompletion: true,
  enableKeyboardAccessibility: true,
});
let version = null;
let words = { tables: {}, functions: [] };
let resting = null;
let sent = "";
let ran = 0;
let marker = null;

function tell(type, more) {
  window.parent.postMessage({ isStreamlitMessage: true, type, ...more }, "*");
}

function send(run) {
  clearTimeout(resting);
  if (!run && editor.getValue() === sent) return;
  if (run) ran = Date.now();
  sent = editor.getValue();
  tell("streamlit:setComponentValue", { value: { sql: sent, version, ran }, dataType: "json" });
}

function fit() {
  tell("streamlit:setFrameHeight", { height: document.getElementById("editor").offsetHeight + 2 });
}

function completions(text, before) {
  const named = {};
  for (const [, table, alias] of text.matchAll(/\b(?:from|join)\s+(\w+)(?:\s+(?:as\s+)?(\w+))?/gi)) {
    if (words.tables[table]) {
      named[table] = table;
      if (alias) named[alias] = table;
    }
  }
  const of = before.match(/(\w+)\.\w*$/);
  const columns = (table, score) =>
    words.tables[table].map((name) => ({ value: name, meta: table, score }));
  if (of) return words.tables[named[of[1]] || of[1]] ? columns(named[of[1]] || of[1], 1000) : [];
  const found = Object.keys(words.tables).map((value) => ({ value, meta: words.table, score: 800 }));
  for (const table of new Set(Object.values(named))) found.push(...columns(table, 900));
  for (const [, parameter] of text.matchAll(/\$(\w+)/g)) {
    found.push({ value: "$" + parameter, meta: "$", score: 700 });
  }
  for (const value of words.functions) found.push({ value, meta: words.function, score: 300 });
  return found;
}

editor.completers = [
  {
    identifierRegexps: [/[\w$\u00a2-\uffff]/],
    triggerCharacters: ["."],
    getCompletions(_editor, session, position, _prefix, done) {
      const before = session.getLine(position.row).slice(0, position.column);
      const seen = new Set();
      const fresh = ({ value, meta }) => !seen.has(value + meta) && seen.add(value + meta);
      done(null, completions(session.getValue(), before).filter(fresh));
    },
  },
  {
    getCompletions(_editor, session, position, _prefix, done) {
      const column = /\.\w*$/.test(session.getLine(position.row).slice(0, position.column));
      done(null, column ? [] : words.keywords.map((value) => ({ value, meta: "SQL", score: 500 })));
    },
  },
];
editor.commands.addCommand({
  name: "run",
  bindKey: { win: "Ctrl-Enter", mac: "Command-Enter|Ctrl-Enter" },
  exec: () => send(true),
});
editor.session.on("change", () => {
  clearTimeout(resting);
  resting = setTimeout(() => send(false), 600);
  if (marker !== null) {
    editor.session.removeMarker(marker);
    editor.session.clearAnnotations();
    marker = null;
  }
});
editor.on("blur", () => send(false));
editor.renderer.on("autosize", () => setTimeout(fit, 0));
editor.renderer.on("afterRender", fit);

window.addEventListener("message", ({ data }) => {
  if (data.type !== "streamlit:render") return;
  const { args, theme } = data;
  const look = document.documentElement.style;
  const dark = theme ? theme.base === "dark" : args.dark;
  for (const [name, value] of Object.entries(args.colours)) look.setProperty("--" + name, value);
  editor.setTheme(dark ? "ace/theme/tomorrow_night" : "ace/theme/tomorrow");
  words = args.words;
  editor.setOption("placeholder", args.placeholder);
  editor.textInput.getElement().setAttribute("aria-label", args.label);
  if (args.version !== version) {
    version = args.version;
    sent = args.sql;
    editor.setValue(args.sql, -1);
    clearTimeout(resting);
  }
  if (marker !== null) editor.session.removeMarker(marker);
  marker = null;
  editor.session.clearAnnotations();
  if (args.error && args.error.sql === editor.getValue()) {
    const row = args.error.line - 1;
    const column = args.error.column - 1;
    const { Range } = ace.require("ace/range");
    marker = editor.session.addMarker(new Range(row, column, row, column + 1), "here", "text", true);
    editor.session.setAnnotations([{ row, column, text: args.error.text, type: "error" }]);
  }
  fit();
});
tell("streamlit:componentReady", { apiVersion: 1 });
