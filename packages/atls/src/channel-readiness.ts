import { type Channel, connectivityState } from "@grpc/grpc-js"

/** Connects a channel and waits until it is connected, or has failed. */
export async function connectChannel(channel: Channel): Promise<"ready" | "failed"> {
  for (;;) {
    const state = channel.getConnectivityState(true)
    switch (state) {
      case connectivityState.READY:
        return "ready"
      case connectivityState.TRANSIENT_FAILURE:
      case connectivityState.SHUTDOWN:
        return "failed"
      case connectivityState.IDLE:
      case connectivityState.CONNECTING:
        await changeFrom(channel, state)
    }
  }
}

function changeFrom(channel: Channel, state: connectivityState): Promise<void> {
  return new Promise((resolve) => {
    channel.watchConnectivityState(state, Infinity, () => {
      resolve()
    })
  })
}
