import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { sql, SQLDialect } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type RefObject, useEffect, useRef } from "react";

import { nonce } from "../nonce";
import { usualSchema } from "./usualSchema";

export type Language = "sql" | "yaml";
/** Something wrong at a line, from 1, with its column where that is known. */
export type Mark = { line: number | null; column: number | null; message: string };

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "light-dark(#7048c6, #c4a7ff)" },
  { tag: [tags.string, tags.special(tags.string)], color: "light-dark(#06604a, #8ce0c0)" },
  { tag: [tags.number, tags.bool, tags.null], color: "light-dark(#8a3d00, #ffc078)" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "light-dark(#2845b9, #a9bbff)" },
  { tag: tags.comment, color: "light-dark(#5a6170, #a2a8b3)", fontStyle: "italic" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)" },
  "&.cm-focused": { outline: "2px solid var(--mantine-primary-color-filled)", outlineOffset: "-1px" },
  ".cm-content": { fontFamily: "var(--mantine-font-family-monospace)", caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--mantine-color-dimmed)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--mantine-color-default-hover)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "light-dark(#cfd9fb, #33427d) !important",
  },
  ".cm-tooltip": { backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)", border: "1px solid var(--bw-line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--mantine-primary-color-filled)", color: "#fff" },
});

export type EditorProps = {
  value: string;
  onChange?: (value: string) => void;
  language: Language;
  label: string;
  marks?: Mark[];
  tables?: Record<string, string[]>;
  /** What stands before and after an exact name in this SQL. */
  quotes?: string;
  minHeight?: number;
  onSubmit?: () => void;
  /** Gets what puts a text where the cursor is. */
  inserter?: RefObject<((text: string) => void) | null>;
};

export default function CodeMirror({
  value,
  onChange,
  language,
  label,
  marks = [],
  tables,
  quotes,
  minHeight = 220,
  onSubmit,
  inserter,
}: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const speech = useRef(new Compartment());
  const calls = useRef({ onChange, onSubmit });
  calls.current = { onChange, onSubmit };

  useEffect(() => {
    const submit = () => {
      calls.current.onSubmit?.();
      return calls.current.onSubmit !== undefined;
    };
    const made = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          keymap.of([{ key: "Mod-Enter", run: submit }]),
          lineNumbers(),
          history(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          highlightActiveLine(),
          lintGutter(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          syntaxHighlighting(COLOURS),
          LOOK,
          EditorView.theme({ ".cm-content, .cm-gutter": { minHeight: `${minHeight}px` } }),
          speech.current.of(languageOf(language, tables, quotes)),
          EditorState.readOnly.of(onChange === undefined),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) calls.current.onChange?.(update.state.doc.toString());
          }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        ],
      }),
    });
    view.current = made;
    if (inserter) inserter.current = (text) => insert(made, text);
    return () => made.destroy();
    // Made once; what changes later is told to it below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== value) {
      shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
    }
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: speech.current.reconfigure(languageOf(language, tables, quotes)) });
  }, [language, tables, quotes]);

  useEffect(() => {
    const shown = view.current;
    if (shown) shown.dispatch(setDiagnostics(shown.state, marks.map((mark) => diagnostic(shown.state, mark))));
  }, [marks, value]);

  return <div ref={place} className="panel" />;
}

/** Put a text where the cursor is, apart from a word that ends there, and go on from behind it. */
function insert(view: EditorView, text: string) {
  const { from } = view.state.selection.main;
  const follows = /[\w"`\],]/.test(view.state.sliceDoc(Math.max(0, from - 1), from));
  view.dispatch(view.state.replaceSelection(follows ? ` ${text}` : text), { scrollIntoView: true });
  view.focus();
}

function languageOf(language: Language, tables?: Record<string, string[]>, quotes = '""'): Extension {
  if (language === "yaml") return yaml();
  const dialect = SQLDialect.define({ identifierQuotes: quotes.charAt(0), doubleQuotedStrings: quotes.startsWith("`") });
  return sql({ dialect, schema: tables ?? {}, defaultSchema: usualSchema(Object.keys(tables ?? {})), upperCaseKeywords: true });
}

function diagnostic(state: EditorState, mark: Mark) {
  const line = state.doc.line(Math.min(Math.max(1, mark.line ?? 1), state.doc.lines));
  const from = Math.min(line.to, line.from + Math.max(0, (mark.column ?? 1) - 1));
  return { from, to: Math.max(from, line.to), severity: "error" as const, message: mark.message };
}
