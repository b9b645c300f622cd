import BackfillCore
import GRPCCore

/// Tells from a server's answer what to do about it.
///
/// Milvus answers most failures with an OK of gRPC and a `Status` in the body; which of its two codes is set differs
/// between servers, and its `retriable` flag is false on a rate limit that does pass. Codes: milvus `pkg/util/merr`.
enum StatusClassifier {
    static func error(_ status: Milvus_Proto_Common_Status, call: String) -> StoreError? {
        guard status.code != 0 || status.errorCode != 0 else { return nil }
        let text = "\(call): \(status.reason) (code \(status.code), error code \(status.errorCode))"
        return status.code == 0 ? legacyError(status.errorCode, text) : error(code: status.code, text)
    }

    /// By the code, which is the same number over gRPC and over REST.
    static func error(code: Int32, _ text: String) -> StoreError {
        switch code {
        case 1, 2, 4, 5, 8, 101, 103, 106, 202, 305, 1002, 1807:
            return .transient(text)
        case 3, 7, 9, 12:
            return .quota(text)
        case 100, 700, 1600:
            return .missing(text)
        case 1100, 1101, 1102, 1801, 1802, 1803, 1804:
            return .refusedRows(text)
        default:
            return .fatal(text)
        }
    }

    /// For servers that set the older code only.
    private static func legacyError(_ code: Int32, _ text: String) -> StoreError {
        switch code {
        case 49: .transient(text)
        case 48, 53, 54, 55: .quota(text)
        case 4: .missing(text)
        default: .fatal(text)
        }
    }

    static func error(_ error: RPCError, call: String) -> StoreError {
        let cause = error.cause.map { "; \($0)" } ?? ""
        let text = "\(call): \(error.message) (\(error.code))\(cause)"
        switch error.code {
        case .unavailable, .deadlineExceeded, .aborted: return .transient(text)
        case .cancelled: return .cancelled
        case .resourceExhausted:
            return error.message.contains("larger than max") ? .tooLarge(text) : .transient(text)
        case .unauthenticated, .permissionDenied:
            return .fatal("\(text): check target.milvus.token")
        default: return .fatal(text)
        }
    }
}
