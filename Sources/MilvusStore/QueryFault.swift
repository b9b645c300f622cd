import BackfillCore

/// Tells from the failure of a query what to do about it, where that is not what it is for a write.
enum QueryFault {
    static func error(_ error: StoreError) -> StoreError {
        if isTooLarge(error.words) { return .tooLarge(error.words) }
        // No rows were sent: the request itself is refused.
        if case .refusedRows(let text) = error { return .fatal(text) }
        return error
    }

    /// Neither servers nor transports have a code of their own for an answer that is larger than they allow.
    private static func isTooLarge(_ text: String) -> Bool {
        ["maxOutputSize", "larger than max", "exceeded the configured maximum", "answer is larger than"]
            .contains { text.contains($0) }
    }
}
