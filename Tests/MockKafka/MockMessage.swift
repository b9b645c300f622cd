/// A message as a test produces it.
package struct MockMessage: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: [UInt8]?

        package init(_ name: String, _ value: [UInt8]?) {
            self.name = name
            self.value = value
        }
    }

    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [Header]
    /// Milliseconds since 1970, from 1 on: for 0 librdkafka takes the time of day.
    package var timestamp: Int64

    package init(key: [UInt8]? = nil, value: [UInt8]?, headers: [Header] = [], timestamp: Int64 = 1_700_000_000_000) {
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }

    package init(_ value: String) {
        self.init(value: Array(value.utf8))
    }
}
