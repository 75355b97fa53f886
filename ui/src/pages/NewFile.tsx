import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, bodyOf, Refusal } from "../api/client";
import { type Kind, queries } from "../api/queries";
import { Editor } from "../parts/Editor";
import { Page } from "../parts/Page";
import { Trouble } from "../parts/Trouble";
import { slugOf } from "../parts/words";

const BEGINNINGS: Record<string, string> = {
  sources: `type: postgres\nhost: localhost\ndatabase: analytics\nuser: bookward\npassword: \${WAREHOUSE_PASSWORD}\n`,
  models: `source: warehouse\nprimary_key: id\nsql: |\n  SELECT * FROM users\n`,
  destinations: `type: xero\nclient_id: \${XERO_CLIENT_ID}\nclient_secret: \${XERO_CLIENT_SECRET}\n`,
  syncs: `model: users\ndestination: xero-production\nobject: contacts\nmode: upsert\nmatch: {EmailAddress: email}\nfields:\n  Name: name\n`,
  alerts: `type: email\nhost: smtp.example.com\nuser: bookward\npassword: \${SMTP_PASSWORD}\nsender: Bookward <bookward@example.com>\nto: [finance@example.com]\n`,
};

const ONE: Record<string, string> = {
  sources: "source",
  models: "model",
  destinations: "destination",
  syncs: "sync",
  alerts: "alert",
};

/** A new file of the project. */
export function NewFile({ kind }: { kind: Kind }) {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [slug, setSlug] = useState<string | null>(null);
  const [text, setText] = useState(BEGINNINGS[kind]!);
  const chosen = slug ?? slugOf(name);
  const saving = useMutation({
    mutationFn: () =>
      bodyOf(api.POST("/api/v1/files/{kind}", { params: { path: { kind } }, body: { slug: chosen, text } })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: "/$kind/$slug", params: { kind, slug: chosen } });
    },
  });
  const problems = saving.error instanceof Refusal ? saving.error.problems : [];
  const marks = problems.map(({ line = null, column = null, message, remedy }) => ({
    line,
    column,
    message: `${message} ${remedy}`,
  }));
  return (
    <Page title={`Add ${ONE[kind]}`} crumbs={[{ text: kind[0]!.toUpperCase() + kind.slice(1), to: `/${kind}` as "/" }]}>
      <Stack maw={860}>
        <Group grow align="flex-start">
          <TextInput label="Name" required autoFocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <TextInput
            label="Slug"
            description="The file's name, and how others refer to it."
            inputWrapperOrder={["label", "input", "description", "error"]}
            required
            value={chosen}
            onChange={(event) => setSlug(event.currentTarget.value)}
          />
        </Group>
        <Editor language="yaml" label={`${kind}/${chosen || "…"}.yaml`} value={text} onChange={setText} marks={marks} />
        <Text size="xs" c="dimmed">
          Secrets never stand in files: write {"${NAME}"} and seal the value under Settings, Secrets.
        </Text>
        <Trouble error={saving.error} />
        <Group justify="flex-end">
          <Button disabled={!chosen} loading={saving.isPending} onClick={() => saving.mutate()}>
            Finish
          </Button>
        </Group>
      </Stack>
    </Page>
  );
}
