import { Stack, Text } from "@mantine/core";

import type { Schemas } from "../api/client";
import { Editor } from "./Editor";
import { FileProblems } from "./FileProblems";
import { SaveBar } from "./SaveBar";
import { useEditing } from "./useEditing";

type File = Schemas["FileShape"];

/** One file of the project as the text that it is. */
export function FileEditor({ file, mayEdit }: { file: File; mayEdit: boolean }) {
  const editing = useEditing(
    file,
    ({ text, sql }) => ({ text, sql }),
    ({ text, sql }) => (file.sql_path === null ? { text } : { text, sql }),
  );
  const { draft, setDraft, refused, save } = editing;
  const wrong = refused ? refused.problems : file.problems;
  const marks = (path: string) =>
    wrong
      .filter((each) => !each.path || each.path === path)
      .map(({ line = null, column = null, message, remedy }) => ({ line, column, message: `${message} ${remedy}` }));
  const about = (
    <Text size="xs" c="dimmed">
      <span className="mono">{file.path}</span>
      {file.changed && ` · last changed by ${file.changed.author}`}
    </Text>
  );
  return (
    <Stack>
      {!refused && <FileProblems problems={file.problems} />}
      {draft.sql !== null && file.sql_path !== null && (
        <Editor
          language="sql"
          label={file.sql_path}
          value={draft.sql}
          onChange={mayEdit ? (sql) => setDraft((last) => ({ ...last, sql })) : undefined}
          marks={marks(file.sql_path)}
          onSubmit={save}
        />
      )}
      <Editor
        language="yaml"
        label={file.path}
        minHeight={file.sql_path === null ? 220 : 90}
        value={draft.text}
        onChange={mayEdit ? (text) => setDraft((last) => ({ ...last, text })) : undefined}
        marks={marks(file.path)}
        onSubmit={save}
      />
      {mayEdit ? <SaveBar editing={editing}>{about}</SaveBar> : about}
    </Stack>
  );
}
