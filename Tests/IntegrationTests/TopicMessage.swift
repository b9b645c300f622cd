import Foundation

/// A message that a test writes to a topic, as `topics.py` reads it.
struct TopicMessage: Encodable {
    enum Codec: String, Encodable, CaseIterable {
        case none, gzip, snappy, lz4, zstd
    }

    private enum CodingKeys: String, CodingKey {
        case partition, timestamp, headers, codec, transaction, abort
        case key = "key_base64"
        case value = "value_base64"
    }

    var partition = 0
    var key: Data?
    /// nil: a tombstone.
    var value: Data?
    /// Milliseconds since 1970; nil: now.
    var timestamp: Int64?
    /// Name and value in turn, one pair each.
    var headers: [[String?]] = []
    var codec = Codec.none
    var transaction: String?
    var abort = false

    init(
        partition: Int = 0, key: String?, value: String?, timestamp: Int64? = nil, headers: [[String?]] = [],
        codec: Codec = .none, transaction: String? = nil, abort: Bool = false
    ) {
        self.init(partition: partition, keyBytes: key?.utf8.map(\.self), valueBytes: value?.utf8.map(\.self))
        self.timestamp = timestamp
        self.headers = headers
        self.codec = codec
        self.transaction = transaction
        self.abort = abort
    }

    init(partition: Int = 0, keyBytes: [UInt8]?, valueBytes: [UInt8]?) {
        self.partition = partition
        self.key = keyBytes.map { Data($0) }
        self.value = valueBytes.map { Data($0) }
    }
}
