import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api, bodyOf, Refusal, type Schemas } from "../api/client";
import { queries } from "../api/queries";
import { Editor } from "./Editor";
import { Trouble } from "./Trouble";

type File = Schemas["FileShape"];

/** One file of the project, to be read and written; nobody's change is overwritten. */
export function FileEditor({ file, mayEdit }: { file: File; mayEdit: boolean }) {
  const [text, setText] = useState(file.text);
  const [sql, setSql] = useState(file.sql);
  const changed = text !== file.text || sql !== file.sql;
  useEffect(() => {
    setText(file.text);
    setSql(file.sql);
  }, [file.etag]);
  useBlocker({
    shouldBlockFn: () => !window.confirm("What you changed is not saved. Leave it?"),
    enableBeforeUnload: changed,
    disabled: !changed,
  });
  const saving = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PUT("/api/v1/files/{kind}/{slug}", {
          params: { path: { kind: file.kind, slug: file.slug }, header: { "if-match": `"${file.etag}"` } },
          body: file.sql_path === null ? { text } : { text, sql },
        }),
      ),
    onSuccess: async (saved) => {
      notifications.show({ message: saved.commit ? `Saved and committed as ${saved.commit.slice(0, 8)}` : "Saved" });
      await queries.invalidateQueries();
    },
  });
  const refused = saving.error instanceof Refusal ? saving.error : null;
  const wrong = refused ? refused.problems : file.problems;
  const marks = (path: string) =>
    wrong
      .filter((each) => !each.path || each.path === path)
      .map(({ line = null, column = null, message, remedy }) => ({ line, column, message: `${message} ${remedy}` }));
  return (
    <Stack>
      {file.problems.length > 0 && !refused && (
        <Alert color="red" title="Something is wrong in this file">
          {file.problems.map((each, index) => (
            <Text size="sm" key={index}>
              {each.line && `Line ${each.line}: `}
              {each.message} {each.remedy}
            </Text>
          ))}
        </Alert>
      )}
      {sql !== null && file.sql_path !== null && (
        <Editor
          language="sql"
          label={file.sql_path}
          value={sql}
          onChange={mayEdit ? setSql : undefined}
          marks={marks(file.sql_path)}
          onSubmit={() => saving.mutate()}
        />
      )}
      <Editor
        language="yaml"
        label={file.path}
        minHeight={file.sql_path === null ? 220 : 90}
        value={text}
        onChange={mayEdit ? setText : undefined}
        marks={marks(file.path)}
        onSubmit={() => saving.mutate()}
      />
      <Trouble error={saving.error} />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          <span className="mono">{file.path}</span>
          {file.changed && ` · last changed by ${file.changed.author}`}
        </Text>
        {mayEdit && (
          <Group gap="xs">
            {refused?.status === 412 && (
              <Button variant="default" onClick={() => void queries.invalidateQueries({ queryKey: ["files"] })}>
                Show what is there now
              </Button>
            )}
            <Button
              variant="default"
              disabled={!changed}
              onClick={() => {
                setText(file.text);
                setSql(file.sql);
                saving.reset();
              }}
            >
              Undo all
            </Button>
            <Button disabled={!changed} loading={saving.isPending} onClick={() => saving.mutate()}>
              Save
            </Button>
          </Group>
        )}
      </Group>
    </Stack>
  );
}
