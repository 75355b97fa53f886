import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Lays a compressed copy beside every script and style: smaller than what the server makes in passing. */
const compressed: Plugin = {
  name: "compressed",
  writeBundle({ dir }, bundle) {
    for (const one of Object.values(bundle)) {
      const content = one.type === "chunk" ? one.code : one.source;
      if (/\.(js|css)$/.test(one.fileName)) writeFileSync(join(dir!, `${one.fileName}.br`), brotliCompressSync(content));
    }
  },
};

export default defineConfig({
  plugins: [react(), compressed],
  build: {
    outDir: "../src/bookward/web/static",
    emptyOutDir: true,
    // Lower ones have no light-dark(), and what Vite puts in its place loses backgrounds.
    target: ["chrome123", "firefox120", "safari17.5"],
    license: { fileName: "licences.md" },
  },
  server: { proxy: { "/api": "http://localhost:8000" } },
});
