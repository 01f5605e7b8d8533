import { type Alias, type Document, type Node, isAlias, visit } from "yaml"

/** Bounds of what aliases may grow a document by. */
const MAX_EXPANSIONS = 1000
const MAX_EXPANDED_NODES = 100_000

/** An alias that stands for nothing, for itself, or for too much. */
export interface AliasProblem {
  readonly offset: number
  readonly message: string
}

/**
 * Replaces every alias of the document by a copy of what it stands for and drops the anchors, so that an edit in one
 * place changes nothing in another. As this goes in the order of the document, a copy holds no alias itself.
 *
 * @returns What is wrong with the first alias that could not be replaced; the document is then of no further use.
 */
export function expandAliases(tree: Document): AliasProblem | undefined {
  const anchors = new Map<string, Node>()
  const growth = { expansions: 0, nodes: 0 }
  let problem: AliasProblem | undefined
  visit(tree, {
    Node(_key, node, path) {
      if (!isAlias(node)) {
        rememberAnchor(anchors, node)
        return undefined
      }
      const target = anchors.get(node.source)
      const message = target === undefined ? `unknown anchor ${node.source}` : refuseExpansion(target, path, growth)
      if (target !== undefined && message === undefined) {
        return target.clone() as typeof target // a clone is of its original's kind; the library's type forgets it
      }
      problem = { offset: node.range?.[0] ?? 0, message: message ?? "" }
      return visit.BREAK
    },
  })
  return problem
}

function rememberAnchor(anchors: Map<string, Node>, node: Exclude<Node, Alias>): void {
  if (node.anchor !== undefined) {
    anchors.set(node.anchor, node)
    delete node.anchor
  }
}

function refuseExpansion(
  target: Node,
  path: readonly unknown[],
  growth: { expansions: number; nodes: number },
): string | undefined {
  if (path.includes(target)) {
    return "an alias stands for what contains it"
  }
  growth.expansions += 1
  growth.nodes += countNodes(target)
  if (growth.expansions > MAX_EXPANSIONS || growth.nodes > MAX_EXPANDED_NODES) {
    return `more than ${MAX_EXPANSIONS} aliases, or ${MAX_EXPANDED_NODES} values in what they stand for`
  }
  return undefined
}

function countNodes(node: Node): number {
  let count = 0
  visit(node, {
    Node() {
      count += 1
    },
  })
  return count
}
