/// A primary key of either type.
package enum TestKey: Hashable, Sendable {
    case integer(Int64)
    case text(String)
}
