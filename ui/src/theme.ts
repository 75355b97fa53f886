import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#eef2ff", "#dfe6fd", "#bccaf7", "#96abf1", "#7590ec", "#5f7ee8", "#4f6fe4", "#2f4fd0", "#2845b9", "#1f38a0",
];

/** Mantine's dimmed and light text misses the contrast of WCAG AA on tinted panels: one place mends all. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-error": "#c22525",
    "--mantine-color-dimmed": "#5a6170",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-teal-light-color": "#06604a",
    "--mantine-color-yellow-light-color": "#7a4d00",
    "--mantine-color-orange-light-color": "#8a3d00",
    "--mantine-color-red-light-color": "#a51d1d",
    "--mantine-color-gray-light-color": "#40464f",
    "--mantine-color-ink-light-color": "#2845b9",
    "--bw-canvas": "#f7f8fa",
    "--bw-line": "#e4e7ec",
  },
  dark: {
    "--mantine-color-body": "#15181e",
    "--mantine-color-error": "#ff8787",
    "--mantine-color-dimmed": "#a2a8b3",
    "--mantine-color-placeholder": "#8b93a1",
    "--mantine-color-red-light-color": "#ffa8a8",
    "--mantine-color-ink-light-color": "#a9bbff",
    "--bw-canvas": "#101216",
    "--bw-line": "#2a2f38",
  },
});

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace",
  colors: { ink },
  primaryColor: "ink",
  primaryShade: 7,
  defaultRadius: "md",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.375rem" }, h2: { fontSize: "1rem" } } },
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Badge: { defaultProps: { variant: "light", size: "sm", tt: "none", fw: 500, radius: "sm" } },
    Paper: { defaultProps: { withBorder: true, radius: "md" } },
    Table: { defaultProps: { verticalSpacing: "xs", horizontalSpacing: "md" } },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: true } } },
  },
});
