import { Alert, Text } from "@mantine/core";

import type { Schemas } from "../api/client";

/** What is wrong in a file as it is saved. */
export function FileProblems({ problems }: { problems: Schemas["FileShape"]["problems"] }) {
  if (problems.length === 0) return null;
  return (
    <Alert color="red" title="Something is wrong in this file">
      {problems.map((each, index) => (
        <Text size="sm" key={index}>
          {each.line && `Line ${each.line}: `}
          {each.message} {each.remedy}
        </Text>
      ))}
    </Alert>
  );
}
