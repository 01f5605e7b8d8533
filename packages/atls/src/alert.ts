import type { Socket } from "node:net"
import type { HandshakeErrorCode } from "./error.ts"

const ALERT_RECORD = [21, 3, 3, 0, 2]
const [WARNING, FATAL] = [1, 2]

/** Descriptions of RFC 8446 §6 and RFC 7301 §3.2. */
const [CLOSE_NOTIFY, DECODE_ERROR, INTERNAL_ERROR, USER_CANCELED, NO_APPLICATION_PROTOCOL] = [0, 50, 80, 90, 120]

/** What the client is told if TLS has not begun; once it has, TLS sends its own alerts. */
const ALERTS: Readonly<Record<HandshakeErrorCode, readonly (readonly [number, number])[]>> = {
  CLIENT_HELLO: [[FATAL, DECODE_ERROR]],
  CLIENT_HELLO_SIZE: [[FATAL, DECODE_ERROR]],
  NONCE: [[FATAL, INTERNAL_ERROR]],
  APPLICATION_PROTOCOL: [[FATAL, NO_APPLICATION_PROTOCOL]],
  EVIDENCE_ISSUING: [[FATAL, INTERNAL_ERROR]],
  // "For some reason unrelated to a protocol failure": the client may try again.
  CONNECTION_LIMIT: [
    [WARNING, USER_CANCELED],
    [WARNING, CLOSE_NOTIFY],
  ],
  HANDSHAKE_TIMEOUT: [],
  TLS: [],
  CLOSED: [],
  ACCEPT: [],
}

/** Tells the client why, as far as there is an alert for it, and closes the connection. */
export function closeWithAlert(socket: Socket, code: HandshakeErrorCode): void {
  const alerts = ALERTS[code]
  if (alerts.length > 0 && socket.writable) {
    socket.write(Buffer.from(alerts.flatMap(([level, description]) => [...ALERT_RECORD, level, description])))
  }
  socket.destroySoon()
}
