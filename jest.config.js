const project = (folder) => ({
  displayName: folder,
  rootDir: folder,
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2024" }, module: { type: "es6" } }],
  },
})

export default {
  // A busy machine is no failure; what must be fast is measured by the benchmarks.
  testTimeout: 60_000,
  projects: [
    "packages/crypto",
    "packages/manifest",
    "packages/attestation",
    "packages/collateral",
    "packages/tsm",
    "packages/policy",
    "packages/protocol",
    "packages/atls",
    "apps/coordinator",
    "apps/cli",
    "apps/initializer",
    "e2e",
    "tools",
  ].map(project),
}
