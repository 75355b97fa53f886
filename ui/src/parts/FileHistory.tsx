import { Button, Group, Skeleton, Text, Timeline } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, bodyOf, type Schemas } from "../api/client";
import { history, queries } from "../api/queries";
import { Diff } from "./Diff";
import { Moment } from "./Moment";
import { Trouble } from "./Trouble";
import { wholeMoment } from "./words";

type File = Schemas["FileShape"];

/** Who changed a file, what, and the way back. */
export function FileHistory({ file, mayEdit }: { file: File; mayEdit: boolean }) {
  const { data, error } = useQuery(history(file.kind, file.slug));
  if (error) return <Trouble error={error} />;
  if (!data) return <Skeleton height={200} />;
  if (data.items.length === 0) return <Text c="dimmed">{data.missing || "No version yet."}</Text>;
  return (
    <Timeline bulletSize={12} lineWidth={2} active={-1}>
      {data.items.map((version, index) => (
        <Timeline.Item key={version.id} title={version.message}>
          <Text size="sm" c="dimmed">
            {version.author} · <Moment at={version.at} /> · <span className="mono">{version.id.slice(0, 8)}</span>
          </Text>
          <Version file={file} version={version} mayRevert={mayEdit && index > 0} />
        </Timeline.Item>
      ))}
    </Timeline>
  );
}

function Version({ file, version, mayRevert }: { file: File; version: Schemas["VersionShape"]; mayRevert: boolean }) {
  const [open, setOpen] = useState(false);
  const path = { kind: file.kind, slug: file.slug };
  const diff = useQuery({
    queryKey: ["files", file.kind, file.slug, "history", version.id],
    enabled: open,
    staleTime: Infinity,
    queryFn: () =>
      bodyOf(
        api.GET("/api/v1/files/{kind}/{slug}/history/{version}", { params: { path: { ...path, version: version.id } } }),
      ),
  });
  const reverting = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/files/{kind}/{slug}/revert", {
        params: { path, header: { "if-match": `"${file.etag}"` } },
        body: { version: version.id },
      }),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <>
      <Group gap="xs" mt={4}>
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!open)}>
          {open ? "Hide the change" : "Show the change"}
        </Button>
        {mayRevert && (
          <Button size="compact-xs" variant="subtle" loading={reverting.isPending} onClick={() => window.confirm(`Bring ${file.slug} back to ${wholeMoment(version.at)}? What was changed since stays in the history.`) && reverting.mutate()}>
            Back to this version
          </Button>
        )}
      </Group>
      <Trouble error={diff.error ?? reverting.error} />
      {open && diff.data && <Diff text={diff.data.diff} />}
    </>
  );
}
