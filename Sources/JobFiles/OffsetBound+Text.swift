import BackfillCore

extension OffsetBound {
    private static var secondsInUnit: [Character: Int64] { ["s": 1, "m": 60, "h": 3600, "d": 86_400] }

    /// A length of time in seconds; nil when the unit is none, or the time longer than a number holds.
    static func seconds(_ number: Int64, _ unit: Character) -> Int64? {
        guard let unit = secondsInUnit[unit] else { return nil }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }

    /// A bound as it is written in a job file or a flag. Nil when the text resembles none.
    ///
    /// - Throws: What is wrong with a text that resembles one. Its sentences do not repeat the text.
    init?(_ text: String) throws(Misfit) {
        switch text {
        case "earliest": self = .earliest
        case "latest": self = .latest
        case "committed": self = .committed
        case "resume": self = .resume
        case _ where text.wholeMatch(of: /[0-9]+/) != nil: self = .offset(try Self.offset(text))
        case _ where text.hasPrefix("-"): self = .ago(seconds: try Self.ago(text))
        case _ where text.prefixMatch(of: /[0-9]{4}-/) != nil:
            self = .time(milliseconds: try Self.milliseconds(ofTime: text))
        default: return nil
        }
    }

    private static func offset(_ digits: String) throws(Misfit) -> Int64 {
        guard let offset = Int64(digits) else {
            throw Misfit("is greater than the greatest offset, \(Int64.max)")
        }
        return offset
    }

    private static func ago(_ text: String) throws(Misfit) -> Int64 {
        guard let parts = text.wholeMatch(of: /-(0*[1-9][0-9]*)([smhd])/)?.output, let unit = parts.2.first else {
            throw Misfit("must be `-`, a whole number from 1 on and one of the units `s`, `m`, `h`, `d`, as in `-48h`")
        }
        guard let number = Int64(parts.1), let seconds = seconds(number, unit), seconds <= .max / 1000
        else { throw Misfit("lies further back than times in Kafka reach") }
        return seconds
    }
}
