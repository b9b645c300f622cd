import HTTPTransport

extension HTTPError {
    var isUnreachable: Bool { if case .unreachable = self { true } else { false } }
    var isTimedOut: Bool { if case .timedOut = self { true } else { false } }
    var isInsecure: Bool { if case .insecure = self { true } else { false } }
    var isFailed: Bool { if case .failed = self { true } else { false } }
}
