import { expect, test } from "@jest/globals"
import { findDefaultDeny } from "../src/firewall.ts"

test("finds the default-deny rule in every spelling that iptables lists it in", () => {
  const listing = `-P INPUT ACCEPT
-A INPUT -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP
-A INPUT -m state ! --state RELATED,ESTABLISHED -j DROP
`

  expect(findDefaultDeny(listing)).toStrictEqual([
    ["INPUT", "-m", "conntrack", "!", "--ctstate", "RELATED,ESTABLISHED", "-j", "DROP"],
    ["INPUT", "-m", "state", "!", "--state", "RELATED,ESTABLISHED", "-j", "DROP"],
  ])
})

test.each([
  "-P INPUT DROP",
  "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j DROP",
  "-A INPUT -m conntrack ! --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-A INPUT -i eth0 -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP",
  "-A FORWARD -m conntrack ! --ctstate RELATED,ESTABLISHED -j DROP",
  "",
])("leaves other rules alone: %s", (listing) => {
  expect(findDefaultDeny(listing)).toStrictEqual([])
})
