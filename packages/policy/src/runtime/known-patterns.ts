/** Patterns, without anchors, of values that only the cluster knows. */
export const KNOWN_PATTERNS: {
  readonly uid: string
  readonly nodeName: string
  readonly namespace: string
  readonly label: string
  readonly address: string
  readonly addresses: string
  readonly resource: string
  readonly index: string
} = {
  uid: "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
  nodeName: "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?",
  namespace: "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
  label: "[-A-Za-z0-9_.]{0,63}",
  address: "([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-f:.]{2,45})",
  addresses: "([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-f:.]{2,45})(,([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-f:.]{2,45})){0,7}",
  resource: "[0-9]{1,20}",
  index: "[0-9]{1,10}",
}
