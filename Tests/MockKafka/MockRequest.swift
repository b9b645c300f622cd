/// A kind of request, by its number in the protocol.
package enum MockRequest: Int16, Sendable {
    case fetch = 1
    case listOffsets = 2
    case offsetFetch = 9
    case findCoordinator = 10
}
