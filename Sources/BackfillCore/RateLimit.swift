/// A ceiling on the rows that are sent in a second. A batch goes as a whole and is paid off before the next one goes.
public struct RateLimit: Sendable {
    /// Rows a second; nil: no ceiling.
    public var rowsPerSecond: Double?
    /// Rows that were sent and are not paid off.
    private var debt = 0.0
    private var lastPayment: Duration = .zero

    public init(rowsPerSecond: Double?) {
        self.rowsPerSecond = rowsPerSecond
    }

    /// Lets rows go now, or says how long to wait before asking again.
    ///
    /// - Parameter now: time since any fixed moment.
    /// - Returns: nil when they may go.
    public mutating func take(rows: Int, at now: Duration) -> Duration? {
        guard let rowsPerSecond else {
            debt = 0
            return nil
        }
        debt = max(0, debt - (now - lastPayment) / .seconds(1) * rowsPerSecond)
        lastPayment = now
        guard debt <= 0 else { return .seconds(debt / rowsPerSecond) }
        debt = Double(rows)
        return nil
    }

    /// Takes rows off what is owed that were let go and not sent.
    public mutating func giveBack(rows: Int) {
        debt = max(0, debt - Double(rows))
    }
}
