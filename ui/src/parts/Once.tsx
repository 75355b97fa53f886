import { Alert, Button, Code, CopyButton, Group } from "@mantine/core";

/** Something that is shown this once, to be copied. */
export function Once({ title, text }: { title: string; text: string }) {
  return (
    <Alert color="teal" title={title} role="status">
      <Group wrap="nowrap">
        <Code style={{ wordBreak: "break-all" }}>{text}</Code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
