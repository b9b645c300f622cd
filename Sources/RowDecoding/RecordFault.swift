/// What is wrong with one record.
struct RecordFault: Error, Equatable {
    enum Kind: Equatable {
        case malformed
        /// The record is well formed but does not fit the collection.
        case misfit
    }

    var kind: Kind
    /// One sentence without a full stop.
    var reason: String

    static func malformed(_ reason: String, at position: Int) -> RecordFault {
        RecordFault(kind: .malformed, reason: "not valid JSON: \(reason) at byte \(position)")
    }

    static func misfit(_ reason: String) -> RecordFault {
        RecordFault(kind: .misfit, reason: reason)
    }

    static func tooLong(_ length: Int, _ maxLength: Int) -> RecordFault {
        .misfit("the text has \(length) bytes of UTF-8, the field holds \(maxLength)")
    }

    /// The same fault with the collection field that it concerns.
    func inField(_ name: String) -> RecordFault {
        RecordFault(kind: kind, reason: "field `\(name)`: \(reason)")
    }
}
