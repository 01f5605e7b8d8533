import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js"

/** What a service may state of a method besides what gRPC knows. */
export interface BoundedMethod {
  /** How large its requests are at most, if that is less than what the server takes. */
  readonly maxRequestBytes?: number
}

/** How large requests may be, each as its method says: all but a few methods need next to nothing. */
export class RequestLimits {
  readonly #maxMessageBytes: number
  readonly #ofMethods = new Map<string, number>()

  /** @param maxMessageBytes - Of methods that state nothing. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  /** Notes what the methods of a service state. */
  add(service: ServiceDefinition): void {
    for (const method of Object.values<MethodDefinition<unknown, unknown> & BoundedMethod>(service)) {
      if (method.maxRequestBytes !== undefined) this.#ofMethods.set(method.path, method.maxRequestBytes)
    }
  }

  /** Of requests to the method with this path. */
  of(path: string): number {
    return Math.min(this.#maxMessageBytes, this.#ofMethods.get(path) ?? Infinity)
  }
}
