import eslint from "@eslint/js"
import { defineConfig, globalIgnores } from "eslint/config"
import tseslint from "typescript-eslint"

/** What the pure core must not touch: its inputs are arguments, its outputs are values. */
const effects = [
  ...["fs", "fs/promises", "net", "tls", "http", "http2", "https", "dgram", "dns", "child_process", "os", "process"],
  ...["timers", "timers/promises", "worker_threads", "cluster", "readline"],
].flatMap((name) => [name, `node:${name}`])

const adapters = [
  "@contrast/protocol",
  "@contrast/atls",
  "@contrast/collateral",
  "@contrast/tsm",
  "@grpc/*",
  "pino",
  "execa",
]

/** The rings: imports point inwards only. */
const ring = (files, inner) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      {
        paths: effects.map((name) => ({ name, message: "the core has no effects; take the value as an argument" })),
        patterns: [
          { group: adapters, message: "the core knows no adapters" },
          {
            group: ["@contrast/*", ...inner.map((name) => `!@contrast/${name}`)],
            message: `only ${inner.join(", ") || "nothing"} lies further in`,
          },
        ],
      },
    ],
    "no-restricted-globals": ["error", "process", "console", "setTimeout", "setInterval", "fetch", "performance"],
    "no-restricted-properties": [
      "error",
      { object: "Date", property: "now", message: "time is an argument" },
      { object: "Math", property: "random", message: "randomness is an argument" },
    ],
    "no-restricted-syntax": [
      "error",
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "time is an argument" },
      { selector: "ImportExpression", message: "the core imports at its top, where the rings are checked" },
    ],
  },
})

export default defineConfig(
  globalIgnores([
    "**/dist/",
    "**/node_modules/",
    "packages/protocol/src/gen/",
    "**/.turbo/",
    ".cache/",
    "reports/",
    ".stryker-tmp/",
    "release/",
  ]),
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/prefer-readonly": "error",
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  ring(["packages/crypto/src/**"], []),
  ring(["packages/manifest/src/**"], ["crypto"]),
  ring(["packages/attestation/src/**"], ["crypto", "manifest"]),
  ring(["packages/policy/src/**"], ["crypto", "manifest"]),
  {
    files: ["packages/protocol/src/**", "packages/atls/src/**", "packages/collateral/src/**", "packages/tsm/src/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["@contrast/coordinator", "@contrast/cli", "@contrast/initializer"],
              message: "adapters know no apps",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["bench/**", "tools/**", "e2e/src/demo/**"],
    rules: { "no-console": "off" },
  },
  {
    files: ["**/*.js"],
    languageOptions: { globals: { process: "readonly", console: "readonly" } },
  },
)
