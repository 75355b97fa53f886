import { Alert, Button, Code, Stack, Text } from "@mantine/core";
import { IconPlugConnected, IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";

import { Digest } from "../alerts/Digest";
import { QuietHours } from "../alerts/QuietHours";
import { Telling } from "../alerts/Telling";
import { api, bodyOf, Refusal, type Schemas } from "../api/client";
import { atFields } from "../parts/problems";
import { SaveBar } from "../parts/SaveBar";
import { Steps } from "../parts/Steps";
import { Trouble } from "../parts/Trouble";
import { useEditing } from "../parts/useEditing";
import type { SourceKind } from "./schema";
import { sealedNow } from "./sealing";
import { SettingsForm, type Values } from "./SettingsForm";

type File = Schemas["FileShape"];

/** What has parts of its own in the form. */
const PARTS: Record<string, string[]> = { destinations: ["alerts", "triggers"], alerts: ["quiet_hours", "digest"] };

/** The file of a source, destination or alert as a form, which can be tried. */
export function FileForm({ file, kind }: { file: File; kind: SourceKind }) {
  const { settings } = kind;
  const sealed = (draft: Values, { values }: File) => sealedNow(file.slug, settings, draft, values ?? {});
  const editing = useEditing<Values>(file, ({ values }) => values ?? {}, sealed);
  const { draft, setDraft, seen, changed, refused } = editing;
  const testing = useMutation({
    mutationFn: async () => {
      const params = { path: { kind: file.kind, slug: file.slug } };
      return bodyOf(api.POST("/api/v1/files/{kind}/{slug}/test", { params, body: await sealed(draft, seen) }));
    },
  });
  const telling = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/alerts/{slug}/test", { params: { path: { slug: file.slug } } })),
  });
  const change = (values: Values) => {
    testing.reset();
    telling.reset();
    setDraft(values);
  };
  const wrong = refused ?? (testing.error instanceof Refusal ? testing.error : null);
  const asked = ["type", ...settings.map((each) => each.name), ...(PARTS[file.kind] ?? [])];
  return (
    <Stack maw={720}>
      <SettingsForm settings={settings} values={draft} kept={seen.values ?? {}} errors={atFields(wrong?.problems ?? file.problems)} onChange={change} />
      {file.kind === "destinations" && <Telling draft={draft} onChange={change} />}
      {file.kind === "alerts" && <QuietHours draft={draft} onChange={change} />}
      {file.kind === "alerts" && <Digest draft={draft} onChange={change} />}
      <Besides names={Object.keys(draft).filter((name) => !asked.includes(name))} />
      <Trouble error={testing.error ?? telling.error} />
      {testing.data && <Steps connection={testing.data} />}
      {telling.data && (
        <Alert color="teal" role="status">
          The test message has arrived.
        </Alert>
      )}
      <SaveBar editing={editing}>
        {file.kind === "alerts" ? (
          <Button variant="default" leftSection={<IconSend size={16} />} disabled={changed} loading={telling.isPending} onClick={() => telling.mutate()}>
            Send a test message
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconPlugConnected size={16} />} loading={testing.isPending} onClick={() => testing.mutate()}>
            Test connection
          </Button>
        )}
      </SaveBar>
    </Stack>
  );
}

/** What the form does not ask for, and leaves as it is. */
function Besides({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      The file also says{" "}
      {names.map((name, index) => (
        <span key={name}>
          {index > 0 && ", "}
          <Code>{name}</Code>
        </span>
      ))}
      , which this form leaves as it is: change it under <i>File</i>.
    </Text>
  );
}
