import { Message, MessageHeader } from 'apache-arrow'

/** One message of an Arrow IPC stream, with its length prefix and padding, as it stands there. */
export interface IpcMessage {
  readonly kind: 'schema' | 'dictionary' | 'batch'
  readonly bytes: Uint8Array
  readonly metadataBytes: number // prefix included
  readonly bodyBytes: number
  readonly dictionary: string | undefined // the id of a dictionary
}

const continuation = 0xffffffff

/** The messages of a whole stream that this program wrote itself (Arrow columnar format, encapsulated messages). */
export function* ipcMessages(stream: Uint8Array): Generator<IpcMessage> {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  for (let at = 0; at + 8 <= stream.length;) {
    const prefix = view.getUint32(at, true) === continuation ? 8 : 4
    const length = view.getUint32(at + prefix - 4, true)
    if (length === 0) return
    const message = Message.decode(stream.subarray(at + prefix, at + prefix + length))
    const metadataBytes = prefix + length
    const end = at + metadataBytes + message.bodyLength
    const bytes = stream.subarray(at, end)
    const { bodyLength: bodyBytes } = message
    const common = { bytes, metadataBytes, bodyBytes, dictionary: undefined }
    if (message.headerType === MessageHeader.Schema) yield { ...common, kind: 'schema' }
    else if (message.isDictionaryBatch())
      yield { ...common, kind: 'dictionary', dictionary: String(message.header().id) }
    else yield { ...common, kind: 'batch' }
    at = end
  }
}
