/// A primary key of either type.
enum TestKey: Hashable {
    case integer(Int64)
    case text(String)
}
