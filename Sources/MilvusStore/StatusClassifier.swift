import BackfillCore
import GRPCCore

/// Tells from a server's answer what to do about it.
///
/// Milvus answers most failures with an OK of gRPC and a `Status` in the body; which of its two codes is set differs
/// between servers, and its `retriable` flag is false on a rate limit that does pass. Codes: milvus `pkg/util/merr`.
struct StatusClassifier {
    /// Milvus Lite has few codes of its own: 6 for rows that it refuses, 1 for everything that it did not expect.
    let isLite: Bool

    func error(_ status: Milvus_Proto_Common_Status, call: String) -> StoreError? {
        guard status.code != 0 || status.errorCode != 0 else { return nil }
        let text = "\(call): \(status.reason) (code \(status.code), error code \(status.errorCode))"
        if isLite, let error = Self.liteError(max(status.code, status.errorCode), text) { return error }
        return status.code == 0 ? Self.legacyError(status.errorCode, text) : Self.error(code: status.code, text)
    }

    /// By the code, which is the same number over gRPC and over REST.
    static func error(code: Int32, _ text: String) -> StoreError {
        switch code {
        // Not ready, unavailable, too many requests, internal, rate limit; nodes and channels that move.
        case 1, 2, 4, 5, 8, 103, 106, 110, 202, 305, 401, 501, 503, 901...906, 1002, 1302, 1807, 10000, 10001:
            .transient(text)
        // Only a person loads what is not loaded, but a server that recovers says the same.
        case 101, 201: .transient("\(text): load the collection")
        // Memory, disk, quota, time tick delay, resources, capacity, denied writes.
        case 3, 7, 9, 11, 12, 250, 1303: .quota(text)
        case 100, 200, 700, 1600: .missing(text)
        case 109: .schemaChanged(text)
        case 1102: .tooLarge(text)
        case 1100, 1101, 1700, 1801...1806: .refusedRows(text)
        case 1400, 1401, 1800: .fatal("\(text): check target.milvus.token")
        case 10, 102, 104, 105, 107, 108, 300...304, 701, 702, 800, 801, 802, 1601...1603, 3000: .fatal(text)
        default: .unexpected(text)
        }
    }

    /// For servers that set the older code only.
    private static func legacyError(_ code: Int32, _ text: String) -> StoreError {
        switch code {
        // Not ready, rate limit.
        case 22, 49: .transient(text)
        // Writes denied, memory, disk, time tick delay.
        case 48, 53, 54, 55: .quota(text)
        case 4: .missing(text)
        case 62: .schemaChanged(text)
        default: .unexpected(text)
        }
    }

    /// nil where the code means what it means everywhere.
    private static func liteError(_ code: Int32, _ text: String) -> StoreError? {
        switch code {
        // An error of the operating system, such as a full disk, has no other sign.
        case 1: text.contains("[Errno ") ? .quota(text) : .unexpected(text)
        case 6: .refusedRows(text)
        default: nil
        }
    }

    static func error(_ error: RPCError, call: String) -> StoreError {
        let cause = error.cause.map { "; \($0)" } ?? ""
        let text = "\(call): \(error.message) (\(error.code))\(cause)"
        switch error.code {
        // A server that is stopping cancels the calls that it has begun.
        case .unavailable, .deadlineExceeded, .aborted, .cancelled: return .transient(text)
        case .resourceExhausted:
            return error.message.contains("larger than max") ? .tooLarge(text) : .transient(text)
        case .unauthenticated, .permissionDenied:
            return .fatal("\(text): check target.milvus.token")
        case .invalidArgument, .outOfRange, .failedPrecondition: return .refusedRows(text)
        // What a server cannot parse, and what a broken connection leaves of an answer.
        case .internalError, .unknown, .dataLoss: return .unexpected(text)
        default: return .fatal(text)
        }
    }
}
