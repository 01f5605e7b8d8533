import { afterEach, beforeEach, describe, expect, test } from "@jest/globals"
import { Deployment } from "./support/deployment.ts"
import { INSECURE } from "./support/resources.ts"

let deployment: Deployment

beforeEach(async () => {
  deployment = await Deployment.start()
})
afterEach(() => deployment.close())

describe("a flag of Contrast's own CLI", () => {
  test.each([
    ["generate", ["-p", "rules.rego"], "--policy", "leave it out"],
    ["generate", ["--policy", "rules.rego"], "--policy", "leave it out"],
    ["generate", ["-s", "settings.json"], "--settings", "leave it out"],
    ["generate", ["-c", "layers-cache.json"], "--genpolicy-cache-path", "leave it out"],
    ["generate", ["--insecure-registry", "host"], "--insecure-registry", "leave it out"],
    ["generate", ["--inject-image-store"], "--inject-image-store", "memory"],
    ["generate", ["--calculate-pod-memory"], "--calculate-pod-memory", "memory"],
    ["generate", ["--insecure-enable-debug-shell-access"], "--insecure-enable-debug-shell-access", "kubectl logs"],
    ["generate", ["--collateral-proxy", "http://x"], "--collateral-proxy", "leave it out"],
    ["set", ["--collateral-proxy", "http://x"], "--collateral-proxy", "--amd-kds-url"],
    ["verify", ["--collateral-proxy", "http://x"], "--collateral-proxy", "--amd-kds-url"],
    ["recover", ["--collateral-proxy", "http://x"], "--collateral-proxy", "--amd-kds-url"],
  ])("is refused by %s with what to do instead: %j", async (command, args, flag, instead) => {
    const before = await deployment.folder.digest()

    const { exitCode, stderr } = await deployment.folder.run([command, ...args, "resources"])

    expect(exitCode).toBe(2)
    expect(stderr).toMatch(new RegExp(`^error: ${flag} of Contrast's own CLI is not supported\nhint: .*${instead}`))
    expect(await deployment.folder.digest()).toEqual(before)
  })

  test("is taken where it changes nothing, and stands in no help", async () => {
    const { folder, standIn } = deployment
    await deployment.setAndVerify()
    standIn.needsRecovery = true

    const generated = await folder.run(["generate", ...INSECURE, "--skip-service-mesh", "resources"])
    const recovered = await deployment.run(["recover", "--workload-owner-key", "absent.pem"])
    const help = await folder.run(["generate", "--help"])

    expect([generated.exitCode, recovered.exitCode]).toEqual([0, 0])
    expect(help.stdout).not.toMatch(/service-mesh|--policy/)
  })
})
