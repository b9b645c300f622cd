package import BackfillCore
import Foundation

/// One reject as a line of JSON, in the members that `kcat -J` prints, with an `error` member more.
///
/// kcat leaves `tstype` and `ts` out where a message has no time, and so does this. Its `broker` is left out, because
/// it says nothing about the record.
package struct RejectLine {
    /// The text, with the `\n` at its end.
    package private(set) var bytes: [UInt8] = []

    package init(_ reject: Reject) {
        add("{\"topic\":")
        addString(reject.topic.utf8)
        add(",\"partition\":\(reject.partition),\"offset\":\(reject.offset)")
        if let timestamp = reject.timestamp {
            add(",\"tstype\":\"create\",\"ts\":\(timestamp)")
        }
        add(",\"key\":")
        if let key = reject.key {
            addString(key.utf8)
        } else {
            add("null")
        }
        add(",\"payload\":")
        if let payload = reject.payload {
            addPayload(payload)
        } else {
            add("null")
        }
        add(",\"error\":{\"reason\":")
        addString(reject.reason.utf8)
        add(",\"unit\":\(reject.unit),\"file\":\(reject.file),\"line\":\(reject.line)}}\n")
    }

    private mutating func addPayload(_ payload: [UInt8]) {
        if String(validating: payload, as: UTF8.self) != nil {
            addString(payload)
        } else {
            addString(String(decoding: payload, as: UTF8.self).utf8)
            // A string of JSON cannot hold these bytes, and what was read must not be lost.
            add(",\"payload_base64\":\"\(Data(payload).base64EncodedString())\"")
        }
    }

    private mutating func add(_ text: String) {
        bytes += text.utf8
    }

    /// Only what JSON forbids inside a string is escaped; everything else stays byte for byte.
    private mutating func addString(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): add("\\\"")
            case UInt8(ascii: "\\"): add("\\\\")
            case UInt8(ascii: "\n"): add("\\n")
            case UInt8(ascii: "\r"): add("\\r")
            case UInt8(ascii: "\t"): add("\\t")
            case 0..<0x20: add((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
