package import BackfillCore

/// One reject as a line of JSON: the line of its message, with an `error` member more, which holds the reason and the
/// record's place in the source.
package struct RejectLine {
    /// The text, with the `\n` at its end.
    package private(set) var bytes: [UInt8] = []

    package init(_ reject: Reject) {
        reject.appendMessageMembers(to: &bytes)
        bytes += ",\"error\":{\"reason\":".utf8
        JSONString.append(reject.reason.utf8.span, to: &bytes)
        bytes += ",\"unit\":\(reject.unit)".utf8
        switch reject.position {
        case .line(let place): bytes += ",\"file\":\(place.file),\"line\":\(place.line)".utf8
        case .offset(let offset): bytes += ",\"offset\":\(offset)".utf8
        }
        bytes += "}}\n".utf8
    }
}
