public import Logging

extension Logger.MetadataValue {
    /// A number that stays one where log lines are JSON.
    public static func number(_ value: Int) -> Self { .stringConvertible(value) }

    /// A number to the thousandth.
    public static func number(_ value: Double) -> Self { .stringConvertible((value * 1000).rounded() / 1000) }

    /// A length of time as a number of seconds.
    public static func seconds(_ duration: Duration) -> Self { number(duration / .seconds(1)) }
}
