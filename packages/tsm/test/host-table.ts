import { concatBytes } from "@contrast/crypto"

/** What the entries of the host's table of certificates are named by. */
export const GUIDS = {
  vcek: "63da758d-e664-4564-adc5-f4b93be8accd",
  vlek: "a8074bc2-a25a-483e-aae6-39c045a0b8a1",
  ask: "4ab7b379-bbac-4fe4-a02f-05aef327c782",
  ark: "c0b406a4-a803-4952-9743-3fb6014cd0ae",
  crl: "92f81bc3-5811-4d3d-97ff-d19f88dc67ea",
}
export const ENTRY_BYTES = 24

/** Certificates and lists by what names them. */
export type Blobs = readonly (readonly [guid: string, blob: Uint8Array])[]

/** Bytes of a GUID: three little-endian groups, then two as they are written. */
export function guidBytes(guid: string): Uint8Array {
  const [a = "", b = "", c = "", ...rest] = guid.split("-")
  const reversed = [a, b, c].map((group) => Buffer.from(group, "hex").reverse())
  return Buffer.concat([...reversed, Buffer.from(rest.join(""), "hex")])
}

/** A table as hosts write it: entries, an empty one, then what they point to. */
export function table(blobs: Blobs, padding = 100): Uint8Array {
  let offset = (blobs.length + 1) * ENTRY_BYTES
  const entries = blobs.map(([guid, blob]) => {
    const numbers = new DataView(new ArrayBuffer(8))
    numbers.setUint32(0, offset, true)
    numbers.setUint32(4, blob.length, true)
    offset += blob.length
    return concatBytes(guidBytes(guid), new Uint8Array(numbers.buffer))
  })
  const end = new Uint8Array(ENTRY_BYTES)
  return concatBytes(...entries, end, ...blobs.map(([, blob]) => blob), new Uint8Array(padding))
}
